// Reads frames: every length is checked before anything is allocated.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads big-endian values from a part of a byte array; throws {@link WireException} where it ends
 * too early.
 */
public final class WireReader {
  private static final ErrorCode[] CODES = ErrorCode.values();
  private static final int LONGEST_CODE = 64;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] buffer;
  private final int end;
  private int at;

  /** Reads all of an array. */
  public WireReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads a part of an array. */
  public WireReader(byte[] bytes, int from, int length) {
    buffer = bytes;
    at = from;
    end = from + length;
  }

  /** How many bytes are left. */
  public int remaining() {
    return end - at;
  }

  private int take(int bytes) {
    if (bytes < 0 || bytes > end - at) {
      throw new WireException(
          "a frame ends "
              + (bytes < 0
                  ? "with a negative length"
                  : (bytes - remaining()) + " bytes too early"));
    }
    int from = at;
    at += bytes;
    return from;
  }

  /** 8 bits, unsigned. */
  public int u8() {
    return buffer[take(1)] & 0xFF;
  }

  /** A truth value; anything but 0 and 1 is refused. */
  public boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new WireException("a truth value is 0 or 1, not " + value);
    }
    return value == 1;
  }

  /** 16 bits, unsigned. */
  public int u16() {
    return (short) SHORTS.get(buffer, take(2)) & 0xFFFF;
  }

  /** 32 bits. */
  public int i32() {
    return (int) INTS.get(buffer, take(4));
  }

  /** 64 bits. */
  public long i64() {
    return (long) LONGS.get(buffer, take(8));
  }

  /**
   * A count of things of which each takes at least {@code least} bytes; refuses more than {@code
   * most}.
   */
  public int count(int most, int least) {
    int count = i32();
    if (count < 0 || count > most || (long) count * least > remaining()) {
      throw new WireException(
          "a frame declares "
              + count
              + " entries; at most "
              + most
              + " are allowed and "
              + remaining()
              + " bytes are left");
    }
    return count;
  }

  /** A key. */
  public Key key() {
    long high = i64();
    return new Key(high, i64());
  }

  /** A peer's id. */
  public PeerId peer() {
    return new PeerId(key());
  }

  /** A peer with its endpoint. */
  public PeerRef ref() {
    PeerId id = peer();
    String host = text(255);
    int port = u16();
    if (host.isEmpty() || port == 0) {
      throw new WireException("a peer has a host and a port");
    }
    return new PeerRef(id, new Endpoint(host, port), i64());
  }

  /** Bytes after a 32-bit length, at most {@code most} of them. */
  public byte[] bytes(int most) {
    int length = i32();
    if (length < 0 || length > most) {
      throw new WireException(
          "a frame declares " + length + " bytes where at most " + most + " are allowed");
    }
    int from = take(length);
    return Arrays.copyOfRange(buffer, from, from + length);
  }

  /** So many bytes. */
  public byte[] raw(int length) {
    int from = take(length);
    return Arrays.copyOfRange(buffer, from, from + length);
  }

  /** Text after a 16-bit length, at most {@code most} bytes of it. */
  public String text(int most) {
    int length = u16();
    if (length > most) {
      throw new WireException(
          "a frame declares a text of " + length + " bytes where at most " + most + " are allowed");
    }
    int from = take(length);
    return new String(buffer, from, length, StandardCharsets.UTF_8);
  }

  /**
   * An error code, by its name: one that a later version has added is not taken for another.
   *
   * @param otherwise what stands for a code that is not known here
   */
  public ErrorCode errorCode(ErrorCode otherwise) {
    String name = text(LONGEST_CODE);
    for (ErrorCode code : CODES) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return otherwise;
  }

  /** Everything that is left. */
  public byte[] rest() {
    int from = take(remaining());
    return Arrays.copyOfRange(buffer, from, end);
  }
}
