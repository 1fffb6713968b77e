package mayfly;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What runs inside a java* instance: finds the handler, then takes work from the runtime API until it is ended.
 * Written for Java 8, without dependencies: the function's own jar is the only place where Lambda's interfaces are.
 */
public final class Bootstrap {
  private static final String MARK = "\u001e";

  public static void main(String[] arguments) throws Exception {
    Api api = new Api(System.getenv("AWS_LAMBDA_RUNTIME_API"));
    Handler handler;
    try {
      handler = Handler.find(System.getenv("_HANDLER"));
    } catch (Throwable error) {
      Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
      Map<String, Object> told = describe(cause, typeOf(cause));
      log(cause, told);
      api.call("POST", "/init/error", "lambda-runtime-function-error-type: " + told.get("errorType") + "\r\n", Json.write(told));
      System.exit(1);
      return;
    }
    System.out.print(MARK + "init\n");
    System.out.flush();
    while (true) {
      Api.Response work = api.call("GET", "/invocation/next", "", new byte[0]);
      String id = work.header("lambda-runtime-aws-request-id");
      String trace = work.header("lambda-runtime-trace-id");
      if (trace != null) System.setProperty("com.amazonaws.xray.traceHeader", trace);
      byte[] answer;
      boolean failed = false;
      try {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        handler.run(new ByteArrayInputStream(work.body), out, work);
        answer = out.toByteArray();
      } catch (Throwable error) {
        Throwable cause = error instanceof InvocationTargetException && error.getCause() != null ? error.getCause() : error;
        Map<String, Object> told = describe(cause, typeOf(cause));
        log(cause, told);
        answer = Json.write(told);
        failed = true;
        if (cause instanceof VirtualMachineError) {
          end(api, id, answer, true);
          System.exit(1);
        }
      }
      end(api, id, answer, failed);
    }
  }

  private static void end(Api api, String id, byte[] answer, boolean failed) throws Exception {
    System.err.flush();
    System.out.print(MARK + id + "\n");
    System.out.flush();
    String headers = "content-type: application/json\r\nmayfly-max-memory-kb: " + Memory.mostKb() + "\r\n";
    if (failed) api.call("POST", "/invocation/" + id + "/error", headers + "lambda-runtime-function-error-type: Unhandled\r\n", answer);
    else api.call("POST", "/invocation/" + id + "/response", headers, answer);
  }

  private static String typeOf(Throwable error) {
    return error instanceof Handler.Failure ? "java.lang." + ((Handler.Failure) error).kind : error.getClass().getName();
  }

  private static Map<String, Object> describe(Throwable error, String type) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("errorMessage", error.getMessage() == null ? "" : error.getMessage());
    told.put("errorType", type);
    List<String> stack = new ArrayList<>();
    if (!(error instanceof Handler.Failure))
      for (StackTraceElement element : error.getStackTrace()) {
        if (element.getClassName().startsWith("mayfly.")) break;
        stack.add(element.toString());
      }
    while (!stack.isEmpty() && stack.get(stack.size() - 1).matches(".*(jdk\\.internal\\.reflect|java\\.lang\\.reflect|sun\\.reflect)\\..*")) stack.remove(stack.size() - 1);
    told.put("stackTrace", stack);
    if (error.getCause() != null && error.getCause() != error) told.put("cause", describe(error.getCause(), error.getCause().getClass().getName()));
    return told;
  }

  /** One message, its lines held together by carriage returns. */
  private static void log(Throwable error, Map<String, Object> told) {
    StringBuilder text = new StringBuilder(told.get("errorMessage") + ": " + told.get("errorType"));
    for (Map<String, Object> one = told; one != null; one = cast(one.get("cause"))) {
      text.append('\r').append(one == told ? "" : "Caused by: ").append(one.get("errorType")).append(": ").append(one.get("errorMessage"));
      for (Object line : (List<?>) one.get("stackTrace")) text.append("\r\tat ").append(line);
    }
    System.err.println(text.toString().replace("\r\n", "\r").replace('\n', '\r'));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cast(Object value) {
    return (Map<String, Object>) value;
  }

  /** What a logger of the context is told. */
  static void say(byte[] message) {
    String text = new String(message, StandardCharsets.UTF_8);
    System.out.println((text.endsWith("\n") ? text.substring(0, text.length() - 1) : text).replace("\r\n", "\r").replace('\n', '\r'));
  }

  static byte[] readAll(InputStream in) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    copy(in, out);
    return out.toByteArray();
  }

  private static void copy(InputStream in, OutputStream out) throws Exception {
    byte[] buffer = new byte[8192];
    for (int count; (count = in.read(buffer)) >= 0; ) out.write(buffer, 0, count);
  }
}
