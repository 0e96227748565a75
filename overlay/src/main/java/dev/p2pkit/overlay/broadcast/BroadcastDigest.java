// What two ring neighbours compare to find out whether one of them missed a broadcast.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/**
 * The broadcasts that a peer has seen lately, in 12 bytes. It travels with every heartbeat: two
 * neighbours with different digests exchange the names of what they have seen.
 *
 * @param count how many there are
 * @param xor the exclusive or of their hashes
 */
public record BroadcastDigest(int count, long xor) {
  /** Nothing seen lately. */
  public static final BroadcastDigest NONE = new BroadcastDigest(0, 0);

  /** With one broadcast more. */
  BroadcastDigest with(BroadcastId id) {
    return new BroadcastDigest(count + 1, xor ^ id.hash());
  }

  /** With one broadcast less. */
  BroadcastDigest without(BroadcastId id) {
    return new BroadcastDigest(count - 1, xor ^ id.hash());
  }

  /** 32 bits and 64 bits. */
  public void write(WireWriter out) {
    out.i32(count).i64(xor);
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws WireException if the count is negative
   */
  public static BroadcastDigest read(WireReader in) {
    int count = in.i32();
    if (count < 0) {
      throw new WireException("a peer has not seen " + count + " broadcasts");
    }
    return new BroadcastDigest(count, in.i64());
  }
}
