// Bytes that grow while a value is written.
package dev.p2pkit.sdk.codec;

import java.util.Arrays;

/** A byte array that grows, big-endian. */
final class ByteSink {
  private byte[] bytes = new byte[64];
  private int size;

  private int room(int count) {
    int at = size;
    long needed = (long) size + count;
    if (needed > Limits.BYTES) {
      throw Limits.tooLong();
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * size, Limits.BYTES)));
    }
    size = (int) needed;
    return at;
  }

  void u8(int value) {
    int at = room(1);
    bytes[at] = (byte) value;
  }

  void i32(int value) {
    int at = room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[at++] = (byte) (value >>> shift);
    }
  }

  void i64(long value) {
    i32((int) (value >>> 32));
    i32((int) value);
  }

  void raw(byte[] content) {
    int at = room(content.length);
    System.arraycopy(content, 0, bytes, at, content.length);
  }

  /** A 32-bit length and UTF-8. */
  void text(String text) {
    byte[] utf8 = Utf8.encode(text);
    i32(utf8.length);
    raw(utf8);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
