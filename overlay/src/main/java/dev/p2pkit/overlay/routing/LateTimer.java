// Notices that a timer does not come.
package dev.p2pkit.overlay.routing;

/**
 * Notices that a timer does not come although the machine goes on making steps. After a pause of
 * the process everything is late, and what has arrived meanwhile comes first; so a timer is missed
 * only when steps go on for a while after the first that found it overdue.
 */
final class LateTimer {
  /** From so late on a timer is overdue (µs). */
  private static final long OVERDUE = 100_000;

  /** For so long what has queued up in a pause may go first (µs). */
  private static final long PATIENCE = 250_000;

  private long seenAt = Long.MAX_VALUE;

  /**
   * Whether to do without the timer.
   *
   * @param now the time of this step
   * @param timerAt for when the timer is set; {@link Long#MAX_VALUE} if it is not
   */
  boolean isMissed(long now, long timerAt) {
    if (now < timerAt || now - timerAt < OVERDUE) {
      seenAt = Long.MAX_VALUE;
      return false;
    }
    seenAt = Math.min(seenAt, now);
    return now - seenAt >= PATIENCE;
  }
}
