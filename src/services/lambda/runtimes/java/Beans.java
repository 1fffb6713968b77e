package mayfly;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Parsed JSON ↔ the types that handlers take and return: boxes, strings, collections, arrays, enums and beans. */
final class Beans {
  /** The value does not fit the type. */
  static final class Unfit extends RuntimeException {
    Unfit(Object value, Type type, Throwable cause) {
      super("Cannot deserialize value of type `" + type.getTypeName() + "` from " + kind(value), cause);
    }

    private static String kind(Object value) {
      if (value instanceof Map) return "Object value";
      if (value instanceof List) return "Array value";
      return value == null ? "null" : value.getClass().getSimpleName() + " \"" + value + "\"";
    }
  }

  static Object to(Object value, Type type) {
    if (type instanceof ParameterizedType) {
      ParameterizedType parameterized = (ParameterizedType) type;
      return toClass(value, (Class<?>) parameterized.getRawType(), parameterized.getActualTypeArguments(), type);
    }
    if (type instanceof Class) return toClass(value, (Class<?>) type, new Type[0], type);
    if (type instanceof WildcardType) return to(value, ((WildcardType) type).getUpperBounds()[0]);
    if (type instanceof TypeVariable) return to(value, ((TypeVariable<?>) type).getBounds()[0]);
    if (type instanceof GenericArrayType) throw new Unfit(value, type, null);
    return value;
  }

  private static Object toClass(Object value, Class<?> type, Type[] parameters, Type shown) {
    if (type == Object.class) return value;
    if (value == null) {
      if (type.isPrimitive()) throw new Unfit(null, shown, null);
      return null;
    }
    if (type == String.class || type == CharSequence.class) {
      if (value instanceof Map || value instanceof List) throw new Unfit(value, shown, null);
      return value.toString();
    }
    if (type == boolean.class || type == Boolean.class) {
      if (value instanceof Boolean) return value;
      if ("true".equals(value) || "false".equals(value)) return Boolean.valueOf((String) value);
      throw new Unfit(value, shown, null);
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type) || type == Character.class) return toNumber(value, type, shown);
    if (type.isEnum()) return toEnum(value, type, shown);
    if (type == Date.class && value instanceof Number) return new Date(((Number) value).longValue());
    if (type.isArray()) return toArray(value, type, shown);
    if (Map.class.isAssignableFrom(type)) return toMap(value, type, parameters, shown);
    if (Collection.class.isAssignableFrom(type) || type == Iterable.class) return toCollection(value, type, parameters, shown);
    if (!(value instanceof Map)) throw new Unfit(value, shown, null);
    return toBean((Map<?, ?>) value, type, shown);
  }

  private static Object toNumber(Object value, Class<?> type, Type shown) {
    try {
      if (type == char.class || type == Character.class) {
        if (value instanceof String && ((String) value).length() == 1) return ((String) value).charAt(0);
        throw new Unfit(value, shown, null);
      }
      if (!(value instanceof Number) && !(value instanceof String)) throw new Unfit(value, shown, null);
      if (type == Number.class && value instanceof Number) return value;
      BigDecimal number = new BigDecimal(value.toString());
      if (type == int.class || type == Integer.class) return number.toBigInteger().intValueExact();
      if (type == long.class || type == Long.class) return number.toBigInteger().longValueExact();
      if (type == double.class || type == Double.class || type == Number.class) return number.doubleValue();
      if (type == float.class || type == Float.class) return number.floatValue();
      if (type == short.class || type == Short.class) return number.toBigInteger().shortValueExact();
      if (type == byte.class || type == Byte.class) return number.toBigInteger().byteValueExact();
      if (type == BigDecimal.class) return number;
      if (type == BigInteger.class) return number.toBigInteger();
    } catch (ArithmeticException | NumberFormatException bad) {
      throw new Unfit(value, shown, bad);
    }
    throw new Unfit(value, shown, null);
  }

  private static Object toEnum(Object value, Class<?> type, Type shown) {
    for (Object constant : type.getEnumConstants()) if (((Enum<?>) constant).name().equals(value)) return constant;
    throw new Unfit(value, shown, null);
  }

  private static Object toArray(Object value, Class<?> type, Type shown) {
    if (type == byte[].class && value instanceof String) return java.util.Base64.getDecoder().decode((String) value);
    if (!(value instanceof List)) throw new Unfit(value, shown, null);
    List<?> items = (List<?>) value;
    Object array = Array.newInstance(type.getComponentType(), items.size());
    for (int i = 0; i < items.size(); i++) Array.set(array, i, to(items.get(i), type.getComponentType()));
    return array;
  }

  @SuppressWarnings("unchecked")
  private static Object toMap(Object value, Class<?> type, Type[] parameters, Type shown) {
    if (!(value instanceof Map)) throw new Unfit(value, shown, null);
    Type key = parameters.length == 2 ? parameters[0] : Object.class;
    Type item = parameters.length == 2 ? parameters[1] : Object.class;
    Map<Object, Object> made = (Map<Object, Object>) (type.isAssignableFrom(LinkedHashMap.class)
        ? new LinkedHashMap<>()
        : type.isAssignableFrom(TreeMap.class) ? new TreeMap<>() : make(type, value, shown));
    for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) made.put(to(entry.getKey(), key), to(entry.getValue(), item));
    return made;
  }

  @SuppressWarnings("unchecked")
  private static Object toCollection(Object value, Class<?> type, Type[] parameters, Type shown) {
    if (!(value instanceof List)) throw new Unfit(value, shown, null);
    Type item = parameters.length == 1 ? parameters[0] : Object.class;
    Collection<Object> made = (Collection<Object>) (type.isAssignableFrom(ArrayList.class)
        ? new ArrayList<>()
        : type.isAssignableFrom(LinkedHashSet.class) ? new LinkedHashSet<>() : make(type, value, shown));
    for (Object one : (List<?>) value) made.add(to(one, item));
    return made;
  }

  private static Object make(Class<?> type, Object value, Type shown) {
    try {
      java.lang.reflect.Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException | RuntimeException impossible) {
      throw new Unfit(value, shown, impossible);
    }
  }

  private static Object toBean(Map<?, ?> value, Class<?> type, Type shown) {
    Object bean = make(type, value, shown);
    Map<String, Method> setters = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Method method : type.getMethods())
      if (method.getName().matches("set..*") && method.getParameterCount() == 1 && !method.isBridge() && !Modifier.isStatic(method.getModifiers()))
        setters.put(method.getName().substring(3), method);
    for (Map.Entry<?, ?> entry : value.entrySet()) {
      String name = String.valueOf(entry.getKey());
      try {
        Method setter = setters.get(name);
        if (setter != null) {
          setter.setAccessible(true);
          setter.invoke(bean, to(entry.getValue(), setter.getGenericParameterTypes()[0]));
        } else {
          Field field = publicField(type, name);
          if (field != null) field.set(bean, to(entry.getValue(), field.getGenericType()));
        }
      } catch (IllegalAccessException | InvocationTargetException impossible) {
        throw new Unfit(entry.getValue(), shown, impossible);
      }
    }
    return bean;
  }

  private static Field publicField(Class<?> type, String name) {
    for (Field field : type.getFields())
      if (field.getName().equals(name) && (field.getModifiers() & (Modifier.STATIC | Modifier.FINAL)) == 0) return field;
    return null;
  }

  static Object from(Object value) {
    return from(value, new IdentityHashMap<Object, Object>());
  }

  private static Object from(Object value, IdentityHashMap<Object, Object> above) {
    if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) return value;
    if (value instanceof CharSequence || value instanceof Character) return value.toString();
    if (value instanceof Enum) return ((Enum<?>) value).name();
    if (value instanceof Date) return ((Date) value).getTime();
    if (value instanceof byte[]) return java.util.Base64.getEncoder().encodeToString((byte[]) value);
    if (above.put(value, value) != null) throw new IllegalArgumentException("the result refers to itself");
    try {
      return fromCompound(value, above);
    } finally {
      above.remove(value);
    }
  }

  private static Object fromCompound(Object value, IdentityHashMap<Object, Object> above) {
    if (value instanceof Map) {
      Map<String, Object> told = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) told.put(String.valueOf(from(entry.getKey(), above)), from(entry.getValue(), above));
      return told;
    }
    List<Object> items = new ArrayList<>();
    if (value instanceof Iterable) {
      for (Object item : (Iterable<?>) value) items.add(from(item, above));
      return items;
    }
    if (value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) items.add(from(Array.get(value, i), above));
      return items;
    }
    return fromBean(value, above);
  }

  private static Map<String, Object> fromBean(Object bean, IdentityHashMap<Object, Object> above) {
    Map<String, Object> told = new LinkedHashMap<>();
    Set<String> names = new LinkedHashSet<>();
    // The order of the fields is the order people expect; methods have none.
    for (Class<?> type = bean.getClass(); type != null; type = type.getSuperclass()) for (Field field : type.getDeclaredFields()) names.add(field.getName());
    Map<String, Object> found = new TreeMap<>();
    try {
      for (Method method : bean.getClass().getMethods()) {
        String name = property(method);
        if (name == null) continue;
        method.setAccessible(true);
        found.put(name, from(method.invoke(bean), above));
      }
      for (Field field : bean.getClass().getFields()) if (!Modifier.isStatic(field.getModifiers()) && !found.containsKey(field.getName())) found.put(field.getName(), from(field.get(bean), above));
    } catch (IllegalAccessException | InvocationTargetException impossible) {
      throw new IllegalArgumentException("Cannot serialize " + bean.getClass().getName(), impossible);
    }
    for (String name : names) if (found.containsKey(name)) told.put(name, found.remove(name));
    told.putAll(found);
    return told;
  }

  /** The property a getter tells of; null where the method is none. */
  private static String property(Method method) {
    if (method.getParameterCount() > 0 || Modifier.isStatic(method.getModifiers()) || method.getDeclaringClass() == Object.class || method.getReturnType() == void.class) return null;
    String name = method.getName();
    if (name.matches("get[^a-z].*")) return lower(name.substring(3));
    if (name.matches("is[^a-z].*") && (method.getReturnType() == boolean.class || method.getReturnType() == Boolean.class)) return lower(name.substring(2));
    return null;
  }

  private static String lower(String name) {
    return name.substring(0, 1).toLowerCase() + name.substring(1);
  }
}
