// Writes frames: a byte array that grows, big-endian.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes big-endian values into a byte array that grows. Not thread-safe. */
public final class WireWriter {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int NOWHERE = -1;

  private final boolean counting;
  private byte[] buffer;
  private int size;

  /** With room for this many bytes before it grows. */
  public WireWriter(int capacity) {
    buffer = new byte[capacity];
    counting = false;
  }

  private WireWriter() {
    buffer = new byte[0];
    counting = true;
  }

  /** A writer that only counts: its {@link #size} is right and its bytes do not exist. */
  public static WireWriter counting() {
    return new WireWriter();
  }

  /** How many bytes were written. */
  public int size() {
    return size;
  }

  /** The array that holds the bytes, valid until the next write. */
  public byte[] array() {
    return buffer;
  }

  /** What was written, a copy. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, size);
  }

  /** Forgets what was written and keeps the room. */
  public void clear() {
    size = 0;
  }

  /** Takes back everything after this many bytes. */
  public void truncate(int length) {
    size = Math.min(size, length);
  }

  private int room(int bytes) {
    int at = size;
    int needed = Math.addExact(size, bytes);
    if (counting) {
      size = needed;
      return NOWHERE;
    }
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(needed, buffer.length + (buffer.length >> 1) + 16));
    }
    size = needed;
    return at;
  }

  /** 8 bits. */
  public WireWriter u8(int value) {
    int at = room(1);
    if (at >= 0) {
      buffer[at] = (byte) value;
    }
    return this;
  }

  /** A truth value, one byte. */
  public WireWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** 16 bits. */
  public WireWriter u16(int value) {
    int at = room(2);
    if (at >= 0) {
      SHORTS.set(buffer, at, (short) value);
    }
    return this;
  }

  /** 32 bits. */
  public WireWriter i32(int value) {
    int at = room(4);
    if (at >= 0) {
      INTS.set(buffer, at, value);
    }
    return this;
  }

  /** Overwrites 32 bits that were written before. */
  public void patchI32(int at, int value) {
    if (!counting) {
      INTS.set(buffer, at, value);
    }
  }

  /** 64 bits. */
  public WireWriter i64(long value) {
    int at = room(8);
    if (at >= 0) {
      LONGS.set(buffer, at, value);
    }
    return this;
  }

  /** A key, 16 bytes. */
  public WireWriter key(Key key) {
    return i64(key.high()).i64(key.low());
  }

  /** A peer's id, 16 bytes. */
  public WireWriter peer(PeerId id) {
    return key(id.position());
  }

  /** A peer with its endpoint. */
  public WireWriter ref(PeerRef ref) {
    return peer(ref.id())
        .text(ref.endpoint().host())
        .u16(ref.endpoint().port())
        .i64(ref.incarnation());
  }

  /** Bytes as they are, without a length. */
  public WireWriter raw(byte[] bytes, int from, int length) {
    int at = room(length);
    if (at >= 0) {
      System.arraycopy(bytes, from, buffer, at, length);
    }
    return this;
  }

  /** Bytes after a 32-bit length. */
  public WireWriter bytes(byte[] bytes) {
    return i32(bytes.length).raw(bytes, 0, bytes.length);
  }

  /** An error code, by its name. */
  public WireWriter errorCode(ErrorCode code) {
    return text(code.name());
  }

  /** Text in UTF-8 after a 16-bit length in bytes. */
  public WireWriter text(String text) {
    if (counting && isAscii(text)) {
      room(2 + text.length());
      return this;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > 0xFFFF) {
      throw new IllegalArgumentException(
          "a text in a frame has at most 65535 bytes, not " + utf8.length);
    }
    return u16(utf8.length).raw(utf8, 0, utf8.length);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7F) {
        return false;
      }
    }
    return true;
  }
}
