// How peers compare their membership tables and find out who is alive.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.BitSet;
import java.util.List;

/** A message about who is a member and who is alive. */
sealed interface MembershipMessage extends WireMessage {

  /** "My table has this hash." */
  record HashOffer(long hash) implements MembershipMessage {}

  /** "These are the hashes of my arcs", 256 of them. */
  @SuppressWarnings("ArrayRecordComponent") // made for one message and compared by nobody
  record ArcHashes(long[] hashes) implements MembershipMessage {}

  /**
   * "This is whom I know in these arcs."
   *
   * @param complete the arcs of which this is everybody I know alive; the receiver answers with
   *     what it knows beyond
   */
  record Records(BitSet complete, List<MemberNews> news) implements MembershipMessage {}

  /** "Are you there?" */
  record Probe(long nonce) implements MembershipMessage {}

  /** "I am." */
  record ProbeAnswer(long nonce) implements MembershipMessage {}

  /** "Can you reach this peer?" */
  record WitnessRequest(long nonce, PeerRef about) implements MembershipMessage {}

  /** What a witness found. */
  record WitnessAnswer(long nonce, PeerRef about, Finding finding) implements MembershipMessage {}

  /** What a witness found. */
  enum Finding {
    /** It answered. */
    ALIVE,
    /** It did not answer in time. */
    SILENT,
    /** Its host says that nobody listens, or it has told that it left. */
    GONE,
    /** The witness is in trouble itself, or has done enough for the one that asks. */
    UNSURE
  }
}
