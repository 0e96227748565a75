// What a grantor attests: who holds the arc before its own.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;

/**
 * A grantor's word about the lease of one arc, given to one who has asked.
 *
 * @param asker for whom it was signed
 * @param nonce the asker's, so that an older word cannot be shown again
 * @param holder the peer at whose position the arc ends
 * @param incarnation of the holder's process
 * @param from where the arc begins; the holder itself for the whole ring
 * @param epoch of the arc
 * @param remaining for how long the lease ran when this was signed, in microseconds
 * @param grantor who says so: the peer whose arc begins where this one ends; the holder itself
 *     where no grantor was asked
 */
record Grant(
    PeerId asker,
    Key nonce,
    PeerId holder,
    long incarnation,
    PeerId from,
    long epoch,
    long remaining,
    PeerId grantor) {
  private static final int MAGIC = 0x50324B47; // "P2KG"
  private static final int VERSION = 1;

  /** What the grantor signs. */
  byte[] statement() {
    WireWriter out = new WireWriter(128).i32(MAGIC).u8(VERSION);
    write(out);
    return out.toBytes();
  }

  void write(WireWriter out) {
    out.peer(asker)
        .key(nonce)
        .peer(holder)
        .i64(incarnation)
        .peer(from)
        .i64(epoch)
        .i64(remaining)
        .peer(grantor);
  }

  static Grant read(WireReader in) {
    Grant grant =
        new Grant(
            in.peer(), in.key(), in.peer(), in.i64(), in.peer(), in.i64(), in.i64(), in.peer());
    if (grant.epoch < 0 || grant.remaining < 0) {
      throw new WireException("a grant has an epoch and a duration of at least 0");
    }
    return grant;
  }
}
