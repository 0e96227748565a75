// The frames of messages whose owner the origin does not know.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Optional;

/** What travels hop by hop, because the origin does not know the owner of the key. */
sealed interface RoutedFrame extends RoutingFrame
    permits RoutedFrame.Routed,
        RoutedFrame.Taken,
        RoutedFrame.Returned,
        RoutedFrame.KeyQuery,
        RoutedFrame.ClockQuery,
        RoutedFrame.ClockAnswer {

  /** No message travels further than this. */
  int MOST_HOPS = 16;

  /**
   * A message that is pinned to nobody: whoever holds the lease of its target may accept it, if it
   * has known of everything that was accepted for that key since the message left.
   *
   * @param envelope with {@code pinnedIncarnation} 0 and {@code hops} as the hops that are left
   * @param copy which copy of this attempt, 0 to 30
   * @param age how long ago, at least, the first copy of this attempt had left the origin when this
   *     frame left its sender, in microseconds
   * @param stamp the sender's clock when this frame left it
   * @param path the peers it has passed, the origin not counted; the sender is the last
   */
  record Routed(Envelope envelope, int copy, long age, long stamp, List<PeerId> path)
      implements RoutedFrame {}

  /**
   * The next peer on the way has a message, or has no room for it.
   *
   * @param echo the stamp of the message
   * @param stamp the clock of the peer that says so
   */
  record Taken(PeerId origin, long id, int attempt, int copy, boolean taken, long echo, long stamp)
      implements RoutedFrame {}

  /**
   * An answer on its way back, by the peers that the message has passed.
   *
   * @param copy of which copy
   * @param inDoubt whether other copies of this copy may be under way, so that the refusal of this
   *     one does not say that the message was accepted nowhere
   * @param hops how many hops the message has come
   * @param arc what the owner says of its arc; empty if nobody who holds the key has spoken
   * @param path the peers that are still to be passed, the next one last
   */
  record Returned(
      Answer answer, int copy, boolean inDoubt, int hops, Optional<Arc> arc, List<PeerId> path)
      implements RoutedFrame {}

  /**
   * Asks whoever holds a key what became of a message; never accepted by a peer other than {@code
   * witness}, if that is given.
   *
   * @param target the key, or the position of the witness
   * @param hops the hops that are left
   */
  record KeyQuery(
      PeerId origin,
      long id,
      int attempt,
      long lowestOpen,
      Key target,
      Optional<PeerId> witness,
      int hops,
      List<PeerId> path)
      implements RoutedFrame {}

  /** Asks for the clock of a neighbour. */
  record ClockQuery(long stamp) implements RoutedFrame {}

  /** The clock of a neighbour, and the stamp of the question. */
  record ClockAnswer(long echo, long stamp) implements RoutedFrame {}

  /**
   * What an owner says of the arc it holds: the keys after {@code from} up to and with itself.
   *
   * @param heldFor for how long it has known everything that was accepted for the key in question,
   *     in microseconds
   */
  record Arc(PeerRef owner, Key from, long epoch, long heldFor) {}
}
