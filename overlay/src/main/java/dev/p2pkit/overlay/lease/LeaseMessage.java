// What peers say to each other about leases, beside what rides on their heartbeats.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/** A message about leases. */
public sealed interface LeaseMessage extends WireMessage {

  /** A renewal that does not wait for the next heartbeat. */
  record Renew(Renewal renewal) implements LeaseMessage {}

  /** The answer to a renewal; also later than the first answer, when the grantor can grant. */
  record Renewed(RenewalAnswer answer) implements LeaseMessage {}

  /** "I am the one who grants you now: ask me." */
  record Ask() implements LeaseMessage {}

  /**
   * "This arc is yours."
   *
   * @param sentAt of the renewal that asked for it: the lease runs from then
   * @param arc what is handed over
   */
  record Admit(long sentAt, Arc arc) implements LeaseMessage {}

  /**
   * An arc that goes to another peer, with what is known of the one before it.
   *
   * @param lo where it begins
   * @param epoch the epoch of the new holder; of the last one, if it leaves
   * @param before what is known of the arc that ends at {@code lo}
   * @param time the ring's time, in milliseconds, by the giver
   * @param heldFor for how long the giver has held all of the arc, in microseconds; 0 if it does
   *     not give its memory
   * @param memory what is remembered of the messages for the arc
   */
  record Arc(
      PeerId lo, long epoch, Before before, long time, long heldFor, Optional<Memory> memory) {}

  /**
   * What the giver of an arc knows of the arc before it.
   *
   * @param incarnation of its holder's process; 0 if unknown
   * @param lo where it begins, if that is certain
   * @param remaining for how long its holder may still serve, by the giver's clock; at least 0
   * @param epoch its highest known epoch
   * @param required the least epoch with which its holder may be granted
   */
  record Before(long incarnation, Optional<PeerId> lo, long remaining, long epoch, long required) {}

  /** Bytes that are nobody's business here. */
  @SuppressWarnings("ArrayRecordComponent") // compared by tests of the codec only
  record Memory(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Memory memory && java.util.Arrays.equals(bytes, memory.bytes);
    }

    @Override
    public int hashCode() {
      return java.util.Arrays.hashCode(bytes);
    }
  }

  /**
   * "Nobody before me holds a lease that could lie on yours or mine; pass it on if the same is true
   * of you." Comes back to the one that began it if nobody holds anything.
   *
   * @param initiator who began it
   * @param round the number of the initiator's renewal
   * @param hops how many have passed it on
   * @param longLapsed whether all of them are without a lease for long
   * @param renewal the sender's own
   */
  record Circle(PeerId initiator, long round, int hops, boolean longLapsed, Renewal renewal)
      implements LeaseMessage {}

  /** "As far as your question went, nobody has held anything for long." */
  record CircleClosed(long round) implements LeaseMessage {}
}
