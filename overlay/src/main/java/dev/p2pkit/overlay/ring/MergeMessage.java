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
   * @param speaker who speaks for the sender's ring: the peer with the lowest id that it knows
   * @param whole whether the sender knows everybody in its ring
   */
  record Hail(PeerRef speaker, boolean whole) implements MergeMessage {}

  /**
   * The answer.
   *
   * @param speaker who speaks for the sender's ring
   * @param at whom the sender takes for the first peer behind the receiver's own id, of those whom
   *     it knows; the receiver itself if it belongs to the sender's ring and both know everybody
   * @param whole whether the sender knows everybody in its ring
   */
  record HailAnswer(PeerRef speaker, PeerRef at, boolean whole) implements MergeMessage {}

  /**
   * To another member of the own ring: "there is another ring."
   *
   * @param peer one of it
   * @param whole whether that one knows everybody in its ring, so that speakers can unite the two;
   *     else each peer looks for its neighbours there
   */
  record Foreign(PeerRef peer, boolean whole) implements MergeMessage {}

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
