package mayfly;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Lambda's context object: a proxy for the interface that the function brings along. */
final class Contexts {
  static Object make(Class<?> type, final Api.Response work) {
    final long deadline = Long.parseLong(work.header("lambda-runtime-deadline-ms"));
    return proxy(type, new InvocationHandler() {
      @Override
      public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
          case "getAwsRequestId":
            return work.header("lambda-runtime-aws-request-id");
          case "getLogGroupName":
            return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
          case "getLogStreamName":
            return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
          case "getFunctionName":
            return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
          case "getFunctionVersion":
            return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
          case "getInvokedFunctionArn":
            return work.header("lambda-runtime-invoked-function-arn");
          case "getMemoryLimitInMB":
            return Integer.valueOf(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
          case "getRemainingTimeInMillis":
            return (int) Math.max(0, deadline - System.currentTimeMillis());
          case "getLogger":
            return logger(method.getReturnType());
          case "getClientContext":
            return clientContext(method.getReturnType(), work.header("lambda-runtime-client-context"));
          default:
            return common(self, method, arguments);
        }
      }
    });
  }

  private static Object logger(Class<?> type) {
    return proxy(type, new InvocationHandler() {
      @Override
      public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
        if (!method.getName().equals("log")) return common(self, method, arguments);
        Object message = arguments[0];
        Bootstrap.say(message instanceof byte[] ? (byte[]) message : String.valueOf(message).getBytes(StandardCharsets.UTF_8));
        return null;
      }
    });
  }

  @SuppressWarnings("unchecked")
  private static Object clientContext(Class<?> type, String said) {
    if (said == null || said.isEmpty()) return null;
    final Map<String, Object> values = (Map<String, Object>) Json.read(said);
    return proxy(type, new InvocationHandler() {
      @Override
      public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
          case "getCustom":
            return values.get("custom");
          case "getEnvironment":
            return values.get("env");
          default:
            return common(self, method, arguments);
        }
      }
    });
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  private static Object common(Object self, Method method, Object[] arguments) {
    switch (method.getName()) {
      case "toString":
        return "Lambda " + method.getDeclaringClass().getSimpleName();
      case "hashCode":
        return System.identityHashCode(self);
      case "equals":
        return self == arguments[0];
      default:
        return null;
    }
  }
}
