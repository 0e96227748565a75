// Turns what was read without its classes into plain values.
package dev.p2pkit.sdk.codec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plain values: null, Boolean, Long, Double, String, byte[], Instant, List and Map. Numbers beyond
 * 64 bits, UUIDs, dates and the like become their text.
 */
final class PlainView {
  private PlainView() {}

  static @Nullable Object of(@Nullable Object value) {
    if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double
        || value instanceof byte[]
        || value instanceof Instant) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float narrow) {
      return narrow.doubleValue();
    }
    if (value instanceof Optional<?> optional) {
      return of(optional.orElse(null));
    }
    if (value instanceof Map<?, ?> map) {
      // An author sees a map; the name inside tells the kinds of a sealed type apart.
      Map<@Nullable Object, @Nullable Object> plain =
          value instanceof PlainObject object
              ? new PlainObject(object.className())
              : new LinkedHashMap<>();
      map.forEach((key, element) -> plain.put(of(key), of(element)));
      return plain;
    }
    if (value instanceof Collection<?> || value.getClass().isArray()) {
      List<@Nullable Object> plain = new ArrayList<>();
      for (Object element : Containers.elements(value, "list")) {
        plain.add(of(element));
      }
      return plain;
    }
    boolean whole =
        value instanceof Enum<?>
            || value instanceof TextValue
            || value instanceof BytesValue
            || value.getClass().getClassLoader() == null;
    if (!whole) {
      Shape shape = Shape.of(value.getClass());
      @Nullable Object[] parts = shape.take(value);
      Map<@Nullable Object, @Nullable Object> plain = new PlainObject(value.getClass().getName());
      for (int i = 0; i < parts.length; i++) {
        plain.put(shape.name(i), of(parts[i]));
      }
      return plain;
    }
    return value instanceof Enum<?> constant ? constant.name() : value.toString();
  }
}
