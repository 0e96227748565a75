// An open call of this peer, with its places in the lists that hold it.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An open call. It is a node of five lists at once (age, lane bucket, lane, what it waits for, and
 * the wheel), so that opening and ending a call allocates nothing but the call.
 */
final class Call extends Wheel.Entry<Call> {
  /** Where a call stands. */
  enum State {
    /** Being looked at; in none of the lists of the others. */
    LOOSE,
    /** Waits for a pause to end or for another view of the ring. */
    PARKED,
    /** Waits for the link to its owner; nothing has left under this attempt. */
    AT_LINK,
    /** Waits for the call before it in its lane. */
    BEHIND,
    /** Has left and waits for an answer. */
    SENT,
    /** Ended. */
    ENDED
  }

  final Draft draft;
  final Consumer<Outcome> whenDone;
  final long deadlineAt;

  State state = State.LOOSE;

  /** Grows with each definite refusal, so that an old refusal is told from a new one. */
  int attempt = 1;

  /** The process that alone may accept it; set in AT_LINK and SENT. */
  @Nullable PeerRef pin;

  /** Where the last refusal pointed. */
  @Nullable PeerRef hint;

  /** Hints followed without a pause. */
  int hints;

  /** Pauses so far. */
  int pauses;

  /** Copies under this attempt of which it is not known that they came to nothing. */
  int exposures;

  /** The relay that has the last copy, if it did not go straight to the owner. */
  @Nullable PeerId relay;

  /** Whether that relay has passed it on. */
  boolean passed;

  /** The copies that went through relays under this attempt, if any did. */
  @Nullable RelayedCopies relayed;

  /**
   * What became of its owner, if that is dead while relays may yet say that they did not reach it.
   */
  @Nullable String ownerGone;

  /** When to stop waiting for what these relays say. */
  long goneUntil;

  /** The session of the owner's link on which the last straight copy left. */
  int session;

  /** When the last copy left. */
  long sentAt;

  /** The owner has said that it is there. */
  boolean accepted;

  /** An rpc whose turn has ended while the reply is still to come. */
  boolean processed;

  /** Which copies of this attempt are under way without a pin, one bit each. */
  int copies;

  /** How many copies have left without a pin under this attempt. */
  int copiesSent;

  /** When the first copy without a pin left under this attempt. */
  long firstLeftAt;

  /** How many before it in its lane had left without a pin and without an answer, as it left. */
  int ahead;

  /** Whether a copy has ever left without a pin. */
  boolean wandered;

  /** How often those who should know have said that it is not there, though it may have been. */
  int denials;

  /** Who has said that it accepted a message without a pin. */
  @Nullable PeerId acceptor;

  /** The hops of the message that was answered. */
  int hops;

  /** Whom to ask about a message without a pin, if not the owner of its key. */
  @Nullable PeerId witness;

  /**
   * A call that may be repeated has been given up at one owner where it may have been processed.
   */
  boolean repeated;

  /** How often its owner has been asked. */
  int queries;

  /** What stands in the way, for an honest code at the deadline. */
  ErrorCode problem = ErrorCode.TIMEOUT;

  @Nullable Call older;
  @Nullable Call newer;

  boolean inLane;
  @Nullable Call bucketNext;
  @Nullable Call bucketPrevious;
  @Nullable Call laneBefore;
  @Nullable Call laneAfter;

  @Nullable CallList list;
  @Nullable Call listNext;
  @Nullable Call listPrevious;

  Call(long id, Draft draft, Consumer<Outcome> whenDone, long deadlineAt) {
    super(id);
    this.draft = draft;
    this.whenDone = whenDone;
    this.deadlineAt = deadlineAt;
  }

  /** Nothing of the last attempt has been accepted anywhere; another may begin. */
  void nextAttempt() {
    attempt++;
    exposures = 0;
    copies = 0;
    relay = null;
    relayed = null;
    ownerGone = null;
    accepted = false;
    queries = 0;
  }

  /** Whether each copy of this attempt is with a relay that may say that it went no further. */
  boolean restsWithRelays() {
    return exposures > 0 && !accepted && relayed != null && relayed.open() == exposures;
  }

  boolean rpc() {
    return (draft.flags() & Envelope.RPC) != 0;
  }

  /** Whether it has left without a pin. */
  boolean unpinned() {
    return state == State.SENT && pin == null;
  }

  boolean sameLane(Call other) {
    return draft.byKey() == other.draft.byKey()
        && draft.target().equals(other.draft.target())
        && draft.accessPoint().equals(other.draft.accessPoint());
  }

  /** Whether the last copy went to this process, on this session of its link, and straight. */
  boolean wentStraightTo(PeerRef owner, int linkSession) {
    return state == State.SENT
        && relay == null
        && session == linkSession
        && pin != null
        && pin.incarnation() == owner.incarnation()
        && pin.id().equals(owner.id());
  }

  /** Whether it will certainly be at the owner before one that is sent there now. */
  boolean comesFirst(PeerRef owner, Neighbour link) {
    return wentStraightTo(owner, link.session)
        || (accepted && owner.id().equals(acceptor))
        || (accepted && pin != null && pin.equals(owner));
  }
}
