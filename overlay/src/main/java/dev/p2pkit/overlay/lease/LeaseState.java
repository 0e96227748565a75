// All that the lease rules of one peer remember.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that the lease rules of one peer remember, in one place, so that it can be copied, compared
 * and hashed. Times by this peer's clock.
 */
public final class LeaseState {
  static final long NEVER = Long.MIN_VALUE / 2;
  private static final int MOST_SENT = 4;

  /** A renewal on its way. */
  record Sent(long at, PeerId to, PeerId lo, long epoch) {}

  /** A renewal that could not be granted yet. */
  record Waiting(PeerId from, long incarnation, Renewal renewal, long since) {}

  /**
   * A gap between this peer's arc and the nearest live peer before it.
   *
   * @param lo where this peer's arc begins
   * @param alive the nearest live peer before that
   * @param since when it is so
   * @param agreed whether that peer has taken this one for its successor since then
   */
  record Gap(PeerId lo, PeerId alive, long since, boolean agreed) {}

  /** A renewal of this peer that goes round. */
  record Round(long at, PeerId lo, long epoch) {}

  /** A part of the arc, up to a peer, that others may serve until some time. */
  record Blocked(PeerId upTo, long until) {}

  /**
   * What this peer has granted to one that is not the holder before its arc any more, because it
   * has given way to another in between: until then that one may serve.
   */
  record Promised(PeerId to, long until) {}

  final PeerId self;

  /** The ring's time. */
  RingTime time = RingTime.beginning(0, 0);

  /** Where the arc begins; this peer itself: the whole ring. */
  PeerId lo;

  /** Where it began when the grantor registered it last. */
  PeerId registeredLo;

  long epoch;
  long registeredEpoch;
  long until = NEVER;
  @Nullable GrantRecord before;
  @Nullable HandOver handOver;
  @Nullable Waiting waiting;
  @Nullable Gap gap;
  @Nullable Blocked blocked;
  @Nullable Promised promised;
  @Nullable PeerId grantor;

  /** Who has said last that it is the one to ask. */
  @Nullable PeerId caller;

  final List<Sent> sent;
  long lastSent = NEVER;
  long lastGranted = NEVER;

  /** When somebody said last that it would grant if it had a lease itself, and who. */
  long lapsedBeyond = NEVER;

  @Nullable PeerId lapsedBy;

  long circleAt = NEVER;
  @Nullable PeerId circleOf;
  @Nullable Round round;

  /** The last peer inside of the arc that has said that it holds nothing, and when. */
  @Nullable PeerId newcomer;

  long newcomerAt = NEVER;

  /** The last peer inside of the arc that has said that it holds something, and when. */
  @Nullable PeerId claimant;

  long claimedAt = NEVER;

  /** When this peer was driven last, and since when without a break. */
  long seenAt = NEVER;

  long awakeSince = NEVER;

  /** Whether its lease ended while it was not driven, and it has got none since. */
  boolean slept;

  /** When the holder before was told last whom to ask. */
  long calledAt = NEVER;

  LeaseState(PeerId self) {
    this.self = self;
    lo = self;
    registeredLo = self;
    sent = new ArrayList<>();
  }

  private LeaseState(LeaseState other) {
    self = other.self;
    time = other.time;
    lo = other.lo;
    registeredLo = other.registeredLo;
    epoch = other.epoch;
    registeredEpoch = other.registeredEpoch;
    until = other.until;
    before = other.before;
    handOver = other.handOver;
    waiting = other.waiting;
    gap = other.gap;
    blocked = other.blocked;
    promised = other.promised;
    grantor = other.grantor;
    caller = other.caller;
    sent = new ArrayList<>(other.sent);
    lastSent = other.lastSent;
    lastGranted = other.lastGranted;
    lapsedBeyond = other.lapsedBeyond;
    lapsedBy = other.lapsedBy;
    circleAt = other.circleAt;
    circleOf = other.circleOf;
    round = other.round;
    newcomer = other.newcomer;
    newcomerAt = other.newcomerAt;
    claimant = other.claimant;
    claimedAt = other.claimedAt;
    seenAt = other.seenAt;
    awakeSince = other.awakeSince;
    slept = other.slept;
    calledAt = other.calledAt;
  }

  /** A copy that lives on its own. */
  public LeaseState copy() {
    return new LeaseState(this);
  }

  /** Where the arc begins, as this peer means it. */
  public PeerId lo() {
    return lo;
  }

  /** The epoch of the arc; 0 if nothing is held. */
  public long epoch() {
    return epoch;
  }

  /** What is known of the arc before. */
  public Optional<GrantRecord> before() {
    return Optional.ofNullable(before);
  }

  /** The newcomer that is being admitted. */
  public Optional<HandOver> handOver() {
    return Optional.ofNullable(handOver);
  }

  /** Whether this peer holds the whole ring; then it grants itself. */
  boolean holdsAll() {
    return epoch > 0 && lo.equals(self) && registeredLo.equals(self);
  }

  /** Whether it has a lease. */
  boolean valid(long now) {
    return epoch > 0 && now < until;
  }

  /** Whether it has a lease on all that it means to hold. */
  boolean settled(long now) {
    return valid(now) && registeredLo.equals(lo) && registeredEpoch == epoch;
  }

  /** Whether a peer lies inside of the arc, neither at its end nor at its beginning. */
  boolean inside(PeerId peer) {
    return within(lo, peer, self);
  }

  /** Whether going clockwise from one peer the middle one comes before the last. */
  static boolean within(PeerId from, PeerId middle, PeerId to) {
    return !middle.equals(from)
        && !middle.equals(to)
        && middle.position().isIn(from.position(), to.position());
  }

  /** Where that begins which is both meant and registered. */
  private PeerId servedLo() {
    return size(lo).compareTo(size(registeredLo)) <= 0 ? lo : registeredLo;
  }

  /** How far before this peer another stands; the whole ring counts as most. */
  private Key size(PeerId from) {
    return from.equals(self) ? new Key(-1, -1) : from.position().distanceTo(self.position());
  }

  /** Where that begins which may be served at this moment. */
  PeerId servedLo(long now) {
    Blocked other = blocked;
    PeerId from = servedLo();
    return other != null && now < other.until && within(from, other.upTo, self) ? other.upTo : from;
  }

  /** Whether a key may be served. */
  boolean serves(Key key, long now) {
    return valid(now) && key.isIn(servedLo(now).position(), self.position());
  }

  void remember(Sent renewal) {
    if (sent.size() == MOST_SENT) {
      sent.remove(0);
    }
    sent.add(renewal);
  }

  private List<@Nullable Object> all() {
    return Arrays.asList(
        self,
        time,
        lo,
        registeredLo,
        epoch,
        registeredEpoch,
        until,
        before,
        handOver,
        waiting,
        gap,
        blocked,
        promised,
        grantor,
        caller,
        sent,
        lastSent,
        lastGranted,
        lapsedBeyond,
        lapsedBy,
        circleAt,
        circleOf,
        round,
        newcomer,
        newcomerAt,
        claimant,
        claimedAt,
        seenAt,
        awakeSince,
        slept,
        calledAt);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LeaseState state && all().equals(state.all());
  }

  @Override
  public int hashCode() {
    return all().hashCode();
  }

  @Override
  public String toString() {
    return "("
        + lo.shortText()
        + (registeredLo.equals(lo) ? "" : "/" + registeredLo.shortText())
        + ", "
        + self.shortText()
        + "] epoch "
        + epoch
        + " until "
        + until
        + " before "
        + before
        + (handOver == null ? "" : " " + handOver);
  }
}
