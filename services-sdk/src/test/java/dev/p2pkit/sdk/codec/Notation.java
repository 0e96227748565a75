// Reads the values in the first column of the test vectors in docs/formats.md.
package dev.p2pkit.sdk.codec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JSON with {@code @instant}, {@code b"hex"} and {@code #[set]}. */
final class Notation {
  private final String text;
  private int at;

  private Notation(String text) {
    this.text = text;
  }

  static Object read(String text) {
    Notation notation = new Notation(text);
    Object value = notation.value();
    if (notation.at != text.length()) {
      throw new IllegalArgumentException("left over: " + text.substring(notation.at));
    }
    return value;
  }

  private Object value() {
    char first = text.charAt(at);
    if (first == '"') {
      return string();
    }
    if (first == 'b') {
      at++;
      return HexFormat.of().parseHex(string());
    }
    if (first == '#') {
      at++;
      Set<Object> set = new LinkedHashSet<>(list());
      return set;
    }
    if (first == '[') {
      return list();
    }
    if (first == '{') {
      return map();
    }
    if (first == '@') {
      at++;
      return Instant.parse(word());
    }
    String word = word();
    return switch (word) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      case "NaN" -> Double.NaN;
      default -> word.contains(".") ? (Object) Double.valueOf(word) : (Object) Long.valueOf(word);
    };
  }

  private String word() {
    int from = at;
    boolean instant = from > 0 && text.charAt(from - 1) == '@';
    while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) {
      if (text.charAt(at) == ':' && !instant) {
        break;
      }
      at++;
    }
    return text.substring(from, at);
  }

  private String string() {
    int end = text.indexOf('"', at + 1);
    String content = text.substring(at + 1, end);
    at = end + 1;
    return content;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    at++;
    while (text.charAt(at) != ']') {
      list.add(value());
      skip(',');
    }
    at++;
    return list;
  }

  private Map<Object, Object> map() {
    Map<Object, Object> map = new LinkedHashMap<>();
    at++;
    while (text.charAt(at) != '}') {
      Object key = value();
      skip(':');
      map.put(key, value());
      skip(',');
    }
    at++;
    return map;
  }

  private void skip(char separator) {
    if (text.charAt(at) == separator) {
      at++;
    }
  }
}
