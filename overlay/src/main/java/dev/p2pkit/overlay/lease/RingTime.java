// The time of a ring, by which epochs grow.
package dev.p2pkit.overlay.lease;

/**
 * The time of the ring, in milliseconds: what a peer's clock has counted since it heard a later one
 * last. A hybrid logical clock (Kulkarni et al., "Logical physical clocks", 2014) whose physical
 * part needs no agreement with the time of day: peers begin with the time of the ring that they
 * join, and whoever hears of a later time goes on from there. Neighbours tell each other with every
 * heartbeat, so they differ by the little that clocks drift between two of these.
 *
 * <p>Why: who takes over what nobody has registered does not know the epochs of those that are
 * dead. But it waits for a lease length first, and no epoch is ahead of the time in which it began,
 * but for the changes of a moment. So the time is above all epochs from before that wait.
 *
 * @param lead by how much the ring's time is ahead of this peer's clock, in milliseconds: in
 *     microseconds the largest time that is taken off a frame would overflow
 * @param leaptAt when, by this peer's clock, a time from far ahead was believed last
 */
record RingTime(long lead, long leaptAt) {
  /** How far others may be ahead at any time, and epochs ahead of the time: an hour. */
  private static final long NEAR = 3_600_000;

  /**
   * How far another ring may be ahead whose first peer had a wrong clock: 139 years. Such a leap is
   * believed once in an hour, so a liar needs as long as that to use up a millionth of all epochs.
   */
  private static final long FAR = 1L << 42;

  /** The time is this now. */
  static RingTime beginning(long now, long time) {
    return new RingTime(time - millis(now), LeaseState.NEVER);
  }

  /** What time it is; at least 1. */
  long at(long now) {
    return Math.max(1, millis(now) + lead);
  }

  /** Whether another's time can be true. */
  boolean believes(long now, long time) {
    long most = now - leaptAt >= NEAR * 1_000 ? FAR : NEAR;
    return time <= at(now) + most;
  }

  /** Whether an epoch can have come about by a time. */
  static boolean allows(long time, long epoch) {
    return epoch <= time + NEAR;
  }

  /** Another has said what time it is, and is believed. */
  RingTime heard(long now, long time) {
    if (time <= at(now)) {
      return this;
    }
    return new RingTime(time - millis(now), time > at(now) + NEAR ? now : leaptAt);
  }

  private static long millis(long now) {
    return Math.floorDiv(now, 1_000L);
  }
}
