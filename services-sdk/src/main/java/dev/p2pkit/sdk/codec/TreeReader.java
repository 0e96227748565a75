// Reads TREE bytes from anybody: every count and length is checked before anything is allocated.
package dev.p2pkit.sdk.codec;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads TREE bytes into plain values: null, Boolean, Long, Double, String, byte[], Instant, List
 * and Map. What is allocated stays in proportion to the length of the input.
 */
final class TreeReader {
  private final byte[] bytes;
  private final int end;
  private final Collisions collisions;
  private int at;

  private TreeReader(byte[] bytes, int from, Collisions collisions) {
    this.bytes = bytes;
    this.collisions = collisions;
    this.at = from;
    this.end = bytes.length;
  }

  /** The value that begins at {@code from} and ends with the array. */
  static @Nullable Object read(byte[] bytes, int from, Collisions collisions) {
    TreeReader reader = new TreeReader(bytes, from, collisions);
    Object value = reader.value(0);
    if (reader.at != reader.end) {
      throw new CodecException(
          "a TREE value is followed by " + (reader.end - reader.at) + " bytes");
    }
    return value;
  }

  private @Nullable Object value(int depth) {
    if (depth > Limits.DEPTH) {
      throw new CodecException("a TREE value is nested more than " + Limits.DEPTH + " levels deep");
    }
    int tag = bytes[take(1)] & 0xFF;
    return switch (tag) {
      case TreeTag.NULL -> null;
      case TreeTag.FALSE -> false;
      case TreeTag.TRUE -> true;
      case TreeTag.INTEGER -> i64();
      case TreeTag.DOUBLE -> Double.longBitsToDouble(i64());
      case TreeTag.STRING -> text();
      case TreeTag.BYTES -> {
        int length = length(1);
        int from = take(length);
        yield Arrays.copyOfRange(bytes, from, from + length);
      }
      case TreeTag.LIST -> list(depth);
      case TreeTag.MAP -> map(depth);
      case TreeTag.INSTANT -> instant();
      default -> throw new CodecException("TREE has no tag " + tag);
    };
  }

  private int take(int count) {
    if (count > end - at) {
      throw new CodecException("a TREE value ends " + (count - (end - at)) + " bytes too early");
    }
    int from = at;
    at += count;
    return from;
  }

  private int i32() {
    int from = take(4);
    return (bytes[from] & 0xFF) << 24
        | (bytes[from + 1] & 0xFF) << 16
        | (bytes[from + 2] & 0xFF) << 8
        | (bytes[from + 3] & 0xFF);
  }

  private long i64() {
    long high = i32();
    return high << 32 | (i32() & 0xFFFF_FFFFL);
  }

  /** A number of things of which each takes at least {@code least} bytes. */
  private int length(int least) {
    int length = i32();
    if (length < 0 || (long) length * least > end - at) {
      throw new CodecException(
          "a TREE value declares "
              + (length & 0xFFFF_FFFFL)
              + " bytes or elements, but only "
              + (end - at)
              + " bytes are left");
    }
    return length;
  }

  private String text() {
    int length = length(1);
    int from = take(length);
    return Utf8.decode(bytes, from, length);
  }

  private Instant instant() {
    long seconds = i64();
    int nanos = i32();
    if (nanos < 0 || nanos > 999_999_999) {
      throw new CodecException("a TREE instant has 0 to 999999999 nanoseconds, not " + nanos);
    }
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException e) {
      throw new CodecException("a TREE instant lies outside of what can be expressed", e);
    }
  }

  private List<@Nullable Object> list(int depth) {
    int count = length(1);
    List<@Nullable Object> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(value(depth + 1));
    }
    return list;
  }

  private Map<Object, @Nullable Object> map(int depth) {
    int count = length(2);
    Map<Object, @Nullable Object> map = new LinkedHashMap<>();
    Collisions.Keys keys = collisions.in(map.keySet(), count);
    for (int i = 0; i < count; i++) {
      Object key = value(depth + 1);
      if (!TreeWriter.isKey(key) || key == null) {
        throw new CodecException("a key in a TREE map is a string, number, boolean or instant");
      }
      keys.next(key);
      Object value = value(depth + 1);
      map.put(key, value);
      if (map.size() != i + 1) {
        throw new CodecException("a TREE map has the same key twice");
      }
    }
    return map;
  }
}
