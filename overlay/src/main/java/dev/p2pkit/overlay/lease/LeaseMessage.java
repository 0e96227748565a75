// What peers say to each other about leases, beside what rides on their heartbeats.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
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
   * "I hold nothing, and shall not take what I have asked for until now": of a newcomer that has
   * given up.
   *
   * @param upTo the number of the sender's last renewal
   */
  record Declined(long upTo) implements LeaseMessage {}

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
   * @param beforeEpoch its holder's word about the arc before that one; 0 if it has said nothing
   * @param beforeRequired the same
   */
  record Before(
      long incarnation,
      Optional<PeerId> lo,
      long remaining,
      long epoch,
      long required,
      long beforeEpoch,
      long beforeRequired) {}

  /**
   * What goes with an arc of what is remembered for it.
   *
   * @param copy the number of the copy that went ahead; 0 if none did
   * @param ahead how many parts that copy has
   * @param bytes what is not part of it; nobody's business here
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by tests of the codec only
  record Memory(long copy, int ahead, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Memory memory
          && copy == memory.copy
          && ahead == memory.ahead
          && Arrays.equals(bytes, memory.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /**
   * A part of what is remembered for an arc, ahead of the arc.
   *
   * @param copy grows with each copy of the giver; positive
   * @param number of the part, from 0
   * @param lo where the arc begins
   * @param hi where it ends: the receiver, or the sender if it leaves
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by tests of the codec only
  record MemoryPart(long copy, int number, PeerId lo, PeerId hi, byte[] bytes)
      implements LeaseMessage {
    @Override
    public boolean equals(Object other) {
      return other instanceof MemoryPart part
          && copy == part.copy
          && number == part.number
          && lo.equals(part.lo)
          && hi.equals(part.hi)
          && Arrays.equals(bytes, part.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /**
   * "I have so many parts."
   *
   * @param refused whether there is no room for the next one, or it is not understood
   */
  record MemoryTaken(long copy, int parts, boolean refused) implements LeaseMessage {}

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
