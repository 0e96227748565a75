// Writes TREE bytes, as a body or in the canonical form for hashing.
package dev.p2pkit.sdk.codec;

import java.lang.reflect.Array;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes TREE bytes. The canonical form differs in that sets and maps are sorted by their encoded
 * bytes, doubles have one zero and one NaN, keys may be any value, and values that only have a text
 * form are refused.
 */
final class TreeWriter {
  private final ByteSink out = new ByteSink();
  private final boolean canonical;

  private TreeWriter(boolean canonical) {
    this.canonical = canonical;
  }

  static byte[] body(@Nullable Object value) {
    return write(value, 0, false);
  }

  static byte[] canonical(@Nullable Object value) {
    return write(value, 0, true);
  }

  private static byte[] write(@Nullable Object value, int depth, boolean canonical) {
    TreeWriter writer = new TreeWriter(canonical);
    writer.value(value, depth);
    return writer.out.toBytes();
  }

  private void value(@Nullable Object value, int depth) {
    if (depth > Limits.DEPTH) {
      throw Limits.tooDeep();
    }
    if (value == null) {
      out.u8(TreeTag.NULL);
    } else if (value instanceof String text) {
      text(text);
    } else if (value instanceof Number number) {
      number(number);
    } else if (value instanceof Boolean truth) {
      out.u8(truth ? TreeTag.TRUE : TreeTag.FALSE);
    } else if (value instanceof byte[] content) {
      out.u8(TreeTag.BYTES);
      out.i32(content.length);
      out.raw(content);
    } else if (value instanceof Instant moment) {
      out.u8(TreeTag.INSTANT);
      out.i64(moment.getEpochSecond());
      out.i32(moment.getNano());
    } else if (value instanceof TextValue) {
      text(value.toString());
    } else if (value instanceof Enum<?> constant) {
      text(constant.name());
    } else if (value instanceof Character unit) {
      text(unit.toString());
    } else if (value instanceof Optional<?> optional) {
      value(optional.orElse(null), depth);
    } else if (value instanceof Set<?> set && canonical) {
      sortedSet(set, depth);
    } else if (value instanceof Collection<?> collection) {
      list(collection, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof Record) {
      record(value, depth);
    } else if (value.getClass().isArray()) {
      array(value, depth);
    } else if (!canonical && hasText(value)) {
      text(value.toString());
    } else {
      throw refused(value);
    }
  }

  /** JDK values that a body carries as the text that their {@code parse} reads. */
  private static boolean hasText(Object value) {
    return value instanceof UUID
        || value instanceof Duration
        || value instanceof LocalDate
        || value instanceof LocalTime
        || value instanceof LocalDateTime;
  }

  private static IllegalArgumentException refused(Object value) {
    return new IllegalArgumentException(
        "TREE has no form for a "
            + value.getClass().getName()
            + "; it knows null, booleans, 64-bit integers, doubles, strings, bytes, instants, lists,"
            + " sets, maps, enums and records of these");
  }

  private void text(String text) {
    out.u8(TreeTag.STRING);
    out.text(text);
  }

  private void number(Number number) {
    if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      out.u8(TreeTag.INTEGER);
      out.i64(number.longValue());
    } else if (number instanceof Double || number instanceof Float) {
      double value = number.doubleValue();
      out.u8(TreeTag.DOUBLE);
      if (canonical) {
        // One zero and one NaN: == calls both zeros equal, and NaN has many bit patterns.
        out.i64(value == 0.0 ? 0L : Double.doubleToLongBits(value));
      } else {
        out.i64(Double.doubleToRawLongBits(value));
      }
    } else {
      throw refused(number);
    }
  }

  private void list(Collection<?> list, int depth) {
    Object[] elements = list.toArray();
    out.u8(TreeTag.LIST);
    out.i32(elements.length);
    for (Object element : elements) {
      value(element, depth + 1);
    }
  }

  private void array(Object array, int depth) {
    int length = Array.getLength(array);
    out.u8(TreeTag.LIST);
    out.i32(length);
    for (int i = 0; i < length; i++) {
      value(Array.get(array, i), depth + 1);
    }
  }

  private void sortedSet(Set<?> set, int depth) {
    List<byte[]> elements = new ArrayList<>();
    for (Object element : set) {
      elements.add(write(element, depth + 1, true));
    }
    elements.sort(Arrays::compareUnsigned);
    out.u8(TreeTag.LIST);
    out.i32(elements.size());
    byte[] before = null;
    for (byte[] element : elements) {
      if (before != null && Arrays.equals(before, element)) {
        throw new IllegalArgumentException("a set holds two elements with the same encoding");
      }
      out.raw(element);
      before = element;
    }
  }

  private void map(Map<?, ?> map, int depth) {
    if (canonical) {
      List<byte[][]> entries = new ArrayList<>();
      map.forEach(
          (key, value) ->
              entries.add(
                  new byte[][] {write(key, depth + 1, true), write(value, depth + 1, true)}));
      sortedMap(entries);
      return;
    }
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    out.u8(TreeTag.MAP);
    out.i32(entries.size());
    for (Map.Entry<?, ?> entry : entries) {
      Object key = entry.getKey();
      if (!isKey(key)) {
        throw new IllegalArgumentException(
            "the keys of a map in a TREE body are strings, numbers, booleans, instants or enums, not "
                + (key == null ? "null" : key.getClass().getName()));
      }
      value(key, depth + 1);
      value(entry.getValue(), depth + 1);
    }
  }

  static boolean isKey(@Nullable Object key) {
    return key instanceof String
        || key instanceof Number
        || key instanceof Boolean
        || key instanceof Instant
        || key instanceof TextValue
        || key instanceof Enum<?>
        || key instanceof Character
        || (key != null && hasText(key));
  }

  private void record(Object record, int depth) {
    Shape shape = Shape.of(record.getClass());
    @Nullable Object[] values = shape.take(record);
    if (canonical) {
      List<byte[][]> entries = new ArrayList<>();
      for (int i = 0; i < values.length; i++) {
        entries.add(
            new byte[][] {
              write(shape.name(i), depth + 1, true), write(values[i], depth + 1, true)
            });
      }
      sortedMap(entries);
      return;
    }
    out.u8(TreeTag.MAP);
    out.i32(values.length);
    for (int i = 0; i < values.length; i++) {
      text(shape.name(i));
      value(values[i], depth + 1);
    }
  }

  private void sortedMap(List<byte[][]> entries) {
    entries.sort((one, other) -> Arrays.compareUnsigned(one[0], other[0]));
    out.u8(TreeTag.MAP);
    out.i32(entries.size());
    byte[] before = null;
    for (byte[][] entry : entries) {
      if (before != null && Arrays.equals(before, entry[0])) {
        throw new IllegalArgumentException("a map holds two keys with the same encoding");
      }
      out.raw(entry[0]);
      out.raw(entry[1]);
      before = entry[0];
    }
  }
}
