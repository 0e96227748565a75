// Cuts a stream of bytes into frames: u32 length, u8 type, body.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into frames. A frame that lies whole in what was read is handed on where
 * it lies; only one that is split is copied together, into room that grows with what has arrived
 * and not with what the sender has announced. Not thread-safe.
 */
final class FrameCutter {
  /** Receives frames. */
  interface Sink {
    /**
     * A frame; the array is valid until this returns.
     *
     * @return false to stop cutting; the rest waits for {@link FrameCutter#resume}
     */
    boolean frame(int type, byte[] bytes, int from, int length);
  }

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int LENGTH_BYTES = 4;

  /** Room that is kept for the next split frame. */
  private static final int KEPT_BYTES = 64 * 1024;

  private final Sink sink;
  private int limit;
  private byte[] rest = new byte[0];
  private int held;
  private boolean stopped;

  /**
   * A cutter.
   *
   * @param limit the largest length of a frame, type included
   */
  FrameCutter(int limit, Sink sink) {
    this.limit = limit;
    this.sink = sink;
  }

  void limit(int bytes) {
    limit = bytes;
  }

  /**
   * Takes what was read.
   *
   * @throws WireException if a length is not positive or above the limit
   */
  void feed(byte[] bytes, int from, int length) {
    int at = from;
    int end = from + length;
    while (held > 0 && at < end && !stopped) {
      int needed = held < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + lengthAt(rest, 0);
      int taken = Math.min(needed - held, end - at);
      keep(bytes, at, taken, needed);
      at += taken;
      if (held == LENGTH_BYTES) {
        needed = LENGTH_BYTES + lengthAt(rest, 0);
      }
      if (held == needed && held > LENGTH_BYTES) {
        byte[] frame = rest;
        held = 0;
        if (frame.length > KEPT_BYTES) {
          rest = new byte[0];
        }
        stopped = !sink.frame(frame[LENGTH_BYTES] & 0xFF, frame, LENGTH_BYTES + 1, needed - 5);
      }
    }
    if (!stopped) {
      at = cut(bytes, at, end);
    }
    if (at < end) {
      keep(bytes, at, end - at, held + end - at);
    }
  }

  /** Cuts on after a sink has stopped it. */
  void resume() {
    stopped = false;
    byte[] waiting = rest;
    int length = held;
    rest = new byte[0];
    held = 0;
    int at = cut(waiting, 0, length);
    if (at < length) {
      keep(waiting, at, length - at, length - at);
    }
  }

  private int cut(byte[] bytes, int from, int end) {
    int at = from;
    while (!stopped && end - at >= LENGTH_BYTES) {
      int length = lengthAt(bytes, at);
      if (end - at - LENGTH_BYTES < length) {
        break;
      }
      int body = at + LENGTH_BYTES + 1;
      at += LENGTH_BYTES + length;
      stopped = !sink.frame(bytes[body - 1] & 0xFF, bytes, body, length - 1);
    }
    return at;
  }

  private int lengthAt(byte[] bytes, int at) {
    int length = (int) INTS.get(bytes, at);
    if (length < 1 || length > limit) {
      throw new WireException(
          "a frame announces "
              + Integer.toUnsignedString(length)
              + " bytes; 1 to "
              + limit
              + " are allowed");
    }
    return length;
  }

  private void keep(byte[] bytes, int from, int length, int needed) {
    if (held + length > rest.length) {
      int room = Math.max(held + length, Math.min(needed, Math.max(1024, 2 * rest.length)));
      rest = Arrays.copyOf(rest, room);
    }
    System.arraycopy(bytes, from, rest, held, length);
    held += length;
  }
}
