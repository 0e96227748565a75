// What ring neighbours, joining and leaving peers say to each other.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.Renewal;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;
import java.util.List;
import java.util.Optional;

/** A message about pointers, joining or leaving. */
sealed interface RingMessage extends WireMessage {

  /**
   * "You are my successor: who is before you, and who after?" Sign of life, query of the
   * stabilisation and notification of the successor in one.
   *
   * @param sequence comes back in the answer
   * @param refutation the sender's number of refutations
   * @param listKnown digest of the receiver's list as the sender has it
   * @param predecessorsDigest digest of the sender's predecessors
   * @param predecessors the sender's predecessors; empty if the receiver has said that it has them
   * @param table what the sender's table covers and contains
   * @param broadcasts what the sender has seen lately
   * @param renewal what the sender wants to serve
   */
  record Stabilise(
      long sequence,
      long refutation,
      long listKnown,
      long predecessorsDigest,
      List<PeerRef> predecessors,
      TableNotice table,
      BroadcastDigest broadcasts,
      Renewal renewal)
      implements RingMessage {}

  /**
   * The answer.
   *
   * @param predecessor whom the sender takes for its predecessor
   * @param listDigest digest of the sender's successors
   * @param successors these; empty if the receiver has them
   * @param predecessorsHeld digest of the receiver's predecessors as the sender has them
   * @param table what the sender's table covers and contains
   * @param broadcasts what the sender has seen lately
   * @param granted what the receiver may serve
   */
  record StabiliseAnswer(
      long sequence,
      long refutation,
      Optional<PeerRef> predecessor,
      long listDigest,
      List<PeerRef> successors,
      long predecessorsHeld,
      TableNotice table,
      BroadcastDigest broadcasts,
      RenewalAnswer granted)
      implements RingMessage {}

  /** "I am in the middle of a change; ask again soon." */
  record StabiliseBusy(long sequence, RenewalAnswer granted) implements RingMessage {}

  /** "I am no member." */
  record NotMember(long sequence) implements RingMessage {}

  /**
   * "You are said to be dead (or gone), with this number of refutations." The process is the latest
   * one that is known of the receiver.
   */
  record Accused(PeerRef process, long refutation) implements RingMessage {}

  /** "Let me in." */
  record JoinRequest() implements RingMessage {}

  /**
   * "Ask this peer instead."
   *
   * @param after whom the sender takes for the newcomer's successor, which will have to grant it
   *     its arc: worth dialling at the same time
   */
  record JoinRedirect(PeerRef to, PeerRef after) implements RingMessage {}

  /**
   * "Ask me again soon", or after a pause: the sender has admitted as many as it does in a second,
   * in all or from the newcomer's network.
   *
   * @param pause how long to wait at least, in microseconds; 0 if there is no limit in the way
   */
  record JoinBusy(long pause) implements RingMessage {
    /** The longest pause that can be asked for, in microseconds. */
    static final long MOST_PAUSE = 60_000_000;

    /** "Soon": the sender is in the middle of something. */
    JoinBusy() {
      this(0);
    }
  }

  /** "You cannot come in." */
  record JoinRefused(ErrorCode code, String detail) implements RingMessage {}

  /**
   * "This is your place." As many {@link Snapshot} messages follow as it says.
   *
   * @param refutation the number of refutations to start with
   * @param table what the sender's table covers: the newcomer's is like it
   */
  record JoinAccept(
      long refutation,
      List<PeerRef> predecessors,
      List<PeerRef> successors,
      TableNotice table,
      int snapshots)
      implements RingMessage {}

  /** A part of the membership table; who is named as failed may have been cut off only. */
  record Snapshot(int index, List<MemberNews> members) implements RingMessage {}

  /** "I have taken my place." */
  record JoinDone(long refutation) implements RingMessage {}

  /**
   * "I leave; these are my neighbours."
   *
   * @param arc what the successor takes over; the others do not get it
   */
  record Leave(
      long refutation, List<PeerRef> predecessors, List<PeerRef> successors, Optional<Arc> arc)
      implements RingMessage {

    Leave with(Optional<Arc> other) {
      return new Leave(refutation, predecessors, successors, other);
    }
  }

  /** "I have taken over." */
  record LeaveAnswer() implements RingMessage {}
}
