package mayfly;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A function's handler: a method, found by its name, and how it wants to be called. */
final class Handler {
  /** An error that is told under a name of the runtime's own. */
  static final class Failure extends Exception {
    final String kind;

    Failure(String kind, String message) {
      super(message);
      this.kind = kind;
    }
  }

  private static final String CONTEXT = "com.amazonaws.services.lambda.runtime.Context";

  private final Object target;
  private final Method method;
  private final Type[] types;
  private final boolean wantsContext;
  private final boolean streams;

  private Handler(Object target, Method method) {
    this.target = target;
    this.method = method;
    types = method.getGenericParameterTypes();
    Class<?>[] parameters = method.getParameterTypes();
    wantsContext = parameters.length > 0 && parameters[parameters.length - 1].getName().equals(CONTEXT);
    streams = isStreaming(parameters);
    method.setAccessible(true);
  }

  /** `pkg.Class::method`, or `pkg.Class` that implements one of Lambda's interfaces. */
  static Handler find(String wanted) throws Throwable {
    int colons = wanted.indexOf("::");
    String className = colons < 0 ? wanted : wanted.substring(0, colons);
    String methodName = colons < 0 ? "handleRequest" : wanted.substring(colons + 2);
    Class<?> type;
    try {
      type = Class.forName(className);
    } catch (ClassNotFoundException absent) {
      throw new Failure("ClassNotFoundException", "Class not found: " + className);
    }
    Method found = null;
    for (Method method : type.getMethods())
      if (method.getName().equals(methodName) && !method.isBridge() && fits(method) && (found == null || better(method, found))) found = method;
    if (found == null) throw new Failure("NoSuchMethodException", "No public method named " + methodName + " with appropriate method signature found on class " + className);
    if (Modifier.isStatic(found.getModifiers())) return new Handler(null, found);
    try {
      return new Handler(type.getConstructor().newInstance(), found);
    } catch (NoSuchMethodException absent) {
      throw new Failure("NoSuchMethodException", "Class " + className + " has no public zero-argument constructor");
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  private static boolean isStreaming(Class<?>[] parameters) {
    return parameters.length >= 2 && parameters[0] == InputStream.class && parameters[1] == OutputStream.class;
  }

  private static boolean fits(Method method) {
    Class<?>[] parameters = method.getParameterTypes();
    int own = parameters.length;
    if (own > 0 && parameters[own - 1].getName().equals(CONTEXT)) own--;
    return own <= 1 || (own == 2 && isStreaming(parameters));
  }

  /** Of methods of one name, the one with the context, then the one with more to say about its input. */
  private static boolean better(Method one, Method other) {
    if (one.getParameterCount() != other.getParameterCount()) return one.getParameterCount() > other.getParameterCount();
    return other.getParameterCount() > 0 && other.getParameterTypes()[0] == Object.class;
  }

  void run(InputStream in, OutputStream out, Api.Response work) throws Throwable {
    Object[] arguments = new Object[types.length];
    int last = types.length;
    if (wantsContext) arguments[--last] = Contexts.make(method.getParameterTypes()[last], work);
    if (streams) {
      arguments[0] = in;
      arguments[1] = out;
      invoke(arguments);
      return;
    }
    if (last > 0) {
      Object parsed;
      try {
        parsed = Json.read(new String(Bootstrap.readAll(in), StandardCharsets.UTF_8));
        arguments[0] = Beans.to(parsed, types[0]);
      } catch (Beans.Unfit unfit) {
        throw new RuntimeException("An error occurred during JSON parsing: " + unfit.getMessage(), unfit);
      }
    }
    Object result = invoke(arguments);
    out.write(Json.write(Beans.from(result)));
  }

  private Object invoke(Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(wrong.getMessage() + " " + Arrays.toString(arguments), wrong);
    }
  }
}
