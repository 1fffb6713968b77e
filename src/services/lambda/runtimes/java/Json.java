package mayfly;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON ↔ Map, List, String, Number, Boolean and null. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    Json json = new Json(text);
    json.space();
    if (json.at == text.length()) return null;
    Object value = json.value(0);
    json.space();
    if (json.at < text.length()) throw json.wrong();
    return value;
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException(at < text.length() ? "unexpected '" + text.charAt(at) + "' at " + at : "unexpected end of JSON");
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
  }

  private char peek() {
    if (at >= text.length()) throw wrong();
    return text.charAt(at);
  }

  private void expect(String word) {
    if (!text.startsWith(word, at)) throw wrong();
    at += word.length();
  }

  private Object value(int depth) {
    if (depth > 1000) throw new IllegalArgumentException("nested too deeply");
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        expect("true");
        return true;
      case 'f':
        expect("false");
        return false;
      case 'n':
        expect("null");
        return null;
      default:
        return number();
    }
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> found = new LinkedHashMap<>();
    at++;
    space();
    if (peek() == '}') {
      at++;
      return found;
    }
    while (true) {
      space();
      if (peek() != '"') throw wrong();
      String key = string();
      space();
      expect(":");
      space();
      found.put(key, value(depth + 1));
      space();
      if (peek() == '}') break;
      expect(",");
    }
    at++;
    return found;
  }

  private List<Object> array(int depth) {
    List<Object> found = new ArrayList<>();
    at++;
    space();
    if (peek() == ']') {
      at++;
      return found;
    }
    while (true) {
      space();
      found.add(value(depth + 1));
      space();
      if (peek() == ']') break;
      expect(",");
    }
    at++;
    return found;
  }

  private String string() {
    StringBuilder found = new StringBuilder();
    at++;
    while (true) {
      char c = peek();
      at++;
      if (c == '"') return found.toString();
      if (c != '\\') {
        found.append(c);
        continue;
      }
      char escaped = peek();
      at++;
      int plain = "\"\\/bfnrt".indexOf(escaped);
      if (plain >= 0) found.append("\"\\/\b\f\n\r\t".charAt(plain));
      else if (escaped == 'u' && at + 4 <= text.length()) {
        found.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
        at += 4;
      } else throw wrong();
    }
  }

  private Number number() {
    int from = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
    String digits = text.substring(from, at);
    try {
      if (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0) return Double.valueOf(digits);
      BigInteger whole = new BigInteger(digits);
      if (whole.bitLength() < 32) return whole.intValue();
      return whole.bitLength() < 64 ? (Number) whole.longValue() : whole;
    } catch (NumberFormatException bad) {
      at = from;
      throw wrong();
    }
  }

  static byte[] write(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(StringBuilder out, Object value) {
    if (value == null) out.append("null");
    else if (value instanceof Map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        quote(out.append(separator), String.valueOf(entry.getKey()));
        append(out.append(':'), entry.getValue());
        separator = ",";
      }
      out.append(separator.equals("{") ? "{}" : "}");
    } else if (value instanceof Iterable) {
      String separator = "[";
      for (Object item : (Iterable<?>) value) {
        append(out.append(separator), item);
        separator = ",";
      }
      out.append(separator.equals("[") ? "[]" : "]");
    } else if (value instanceof Double && (((Double) value).isNaN() || ((Double) value).isInfinite())) quote(out, value.toString());
    else if (value instanceof BigDecimal) out.append(((BigDecimal) value).toPlainString());
    else if (value instanceof Number || value instanceof Boolean) out.append(value);
    else quote(out, value.toString());
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int plain = "\"\\\b\f\n\r\t".indexOf(c);
      if (plain >= 0) out.append('\\').append("\"\\bfnrt".charAt(plain));
      else if (c < 0x20 || c == 0x2028 || c == 0x2029) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    out.append('"');
  }
}
