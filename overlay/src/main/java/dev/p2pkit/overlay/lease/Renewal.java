// What a peer asks of its grantor, with every heartbeat.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;

/**
 * "Let me serve the arc from {@code lo} to me until a lease length after I sent this." What it says
 * about the arc before is the write-ahead log: whoever takes over the sender's arc knows whom the
 * sender may have granted something.
 *
 * @param sentAt the sender's clock; grows with each renewal, so it also numbers them
 * @param lo the peer at whose position the arc begins; the sender itself for the whole ring
 * @param epoch the epoch of the arc; 0 if the sender holds nothing and asks to be admitted
 * @param registered the last epoch with which a grantor has registered the sender's arc or handed
 *     it over: shows whether the sender has taken what it was given. What it has reached by itself
 *     while it had no lease does not count, however high the epoch
 * @param beforeEpoch the last epoch that the sender knows of the arc that ends at {@code lo}
 * @param beforeRequired the least epoch with which the peer {@code lo} may be granted: higher than
 *     its last one while it is being admitted
 * @param time the ring's time, in milliseconds, by the sender
 */
public record Renewal(
    long sentAt,
    PeerId lo,
    long epoch,
    long registered,
    long beforeEpoch,
    long beforeRequired,
    long time) {

  /** Writes it. */
  public void write(WireWriter out) {
    out.i64(sentAt).peer(lo).i64(epoch).i64(registered);
    out.i64(beforeEpoch).i64(beforeRequired).i64(time);
  }

  /** Reads one. */
  public static Renewal read(WireReader in) {
    long sentAt = in.i64();
    PeerId lo = in.peer();
    return new Renewal(sentAt, lo, epoch(in), epoch(in), epoch(in), epoch(in), epoch(in));
  }

  static long epoch(WireReader in) {
    long epoch = in.i64();
    if (epoch < 0 || epoch > Long.MAX_VALUE / 2) {
      throw new WireException("an epoch is not " + epoch);
    }
    return epoch;
  }
}
