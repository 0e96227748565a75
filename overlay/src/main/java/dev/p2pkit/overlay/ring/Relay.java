// A message of the ring that another peer passes on, where two cannot reach each other.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;

/**
 * "Give this to that peer, whom I cannot reach." One peer passes it on, once; the seal proves to
 * the last one who has written it, for whom and which way.
 *
 * @param from who has written it
 * @param fromIncarnation of its process
 * @param via who passes it on
 * @param to for whom it is
 * @param toIncarnation of that one's process
 * @param number grows with each relayed message between these two, in microseconds by the sender's
 *     clock
 * @param echo the highest number that the sender has taken of the receiver; 0: none yet
 * @param type the frame type of what is in it
 * @param body the message, without its type, at most {@link #MOST_BODY} bytes
 * @param seal the signature of {@code from} over all of this
 */
@SuppressWarnings("ArrayRecordComponent") // made for one message and compared by nobody
record Relay(
    PeerId from,
    long fromIncarnation,
    PeerId via,
    PeerId to,
    long toIncarnation,
    long number,
    long echo,
    int type,
    byte[] body,
    byte[] seal)
    implements WireMessage {
  /** The longest message that is passed on; a heartbeat with full lists has about 2,000 bytes. */
  static final int MOST_BODY = 65_536;

  private static final byte[] PURPOSE = "P2PKit relay 1\0".getBytes(StandardCharsets.US_ASCII);

  /** What this one writes to another, not sealed yet. */
  static Relay of(
      PeerRef from, PeerId via, PeerRef to, long number, long echo, int type, byte[] body) {
    return new Relay(
        from.id(),
        from.incarnation(),
        via,
        to.id(),
        to.incarnation(),
        number,
        echo,
        type,
        body,
        new byte[0]);
  }

  Relay sealed(byte[] signature) {
    return new Relay(
        from, fromIncarnation, via, to, toIncarnation, number, echo, type, body, signature);
  }

  /** What is signed. */
  byte[] statement() {
    WireWriter out = new WireWriter(PURPOSE.length + 96 + body.length);
    out.raw(PURPOSE, 0, PURPOSE.length);
    writeSigned(out);
    return out.toBytes();
  }

  /** Everything but the seal. */
  void writeSigned(WireWriter out) {
    out.peer(from).i64(fromIncarnation).peer(via).peer(to).i64(toIncarnation);
    out.i64(number).i64(echo).u8(type).bytes(body);
  }
}
