// How two rings that were cut apart find each other and unite.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import java.util.List;

/** A message about another ring. */
sealed interface MergeMessage extends WireMessage {

  /**
   * "Do we belong to the same ring?"
   *
   * @param size how many peers the sender's ring has, as far as it knows
   * @param tableHash hash of the sender's membership table
   * @param speaker who speaks for the sender's ring: the peer with the lowest id
   */
  record Hail(int size, long tableHash, PeerRef speaker) implements MergeMessage {}

  /**
   * The answer.
   *
   * @param at whom the sender takes for the first peer at or after the receiver's own id: the
   *     receiver itself if it belongs to the sender's ring
   * @param exact whether the sender knows every peer around that place
   */
  record HailAnswer(int size, long tableHash, PeerRef speaker, PeerRef at, boolean exact)
      implements MergeMessage {}

  /** To the speaker of the own ring: "there is another ring, and this peer speaks for it." */
  record Foreign(PeerRef speaker) implements MergeMessage {}

  /**
   * "Give me this part of whom you know."
   *
   * @param number names the union; parts of one number are of one moment
   */
  record TablePull(long number, int part) implements MergeMessage {}

  /** The part: members, and those that were declared dead or have left. */
  record TablePart(long number, int part, int parts, List<MemberNews> news)
      implements MergeMessage {}
}
