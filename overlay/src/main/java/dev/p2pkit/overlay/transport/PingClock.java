// Whether the other side of a link still answers.
package dev.p2pkit.overlay.transport;

/** Which pings are unanswered, and for how long. Not thread-safe but for the round trip. */
final class PingClock {
  private final long intervalNanos;
  private final long timeoutNanos;
  private long token;
  private long answeredToken;
  private long lastSentAt;
  private long unansweredAt;
  private long tickedAt;
  private volatile long roundTripNanos;

  PingClock(LinkTimes times) {
    intervalNanos = times.pingInterval().toNanos();
    timeoutNanos = times.pingTimeout().toNanos();
  }

  /** How often to look: often enough to see the timeout pass. */
  static long beatMillis(LinkTimes times) {
    return Math.min(times.pingInterval().toMillis(), times.pingTimeout().toMillis());
  }

  void start(long now) {
    tickedAt = now;
  }

  /** The token of a ping that is sent now. */
  long sent(long now) {
    if (answeredToken == token) {
      unansweredAt = now;
    }
    lastSentAt = now;
    return ++token;
  }

  void answered(long answered, long now) {
    if (answered > answeredToken && answered <= token) {
      answeredToken = answered;
      if (answered == token) {
        roundTripNanos = now - lastSentAt;
      } else {
        unansweredAt = lastSentAt;
      }
    }
  }

  /** Whether the other side has been silent for too long. */
  boolean expired(long now) {
    // If this process itself stood still, the answer may lie in the socket, not yet read.
    boolean stoodStill = now - tickedAt > 2 * Math.min(intervalNanos, timeoutNanos) + 1_000_000_000;
    tickedAt = now;
    if (stoodStill) {
      unansweredAt = now;
    }
    return answeredToken != token && now - unansweredAt > timeoutNanos;
  }

  boolean isAnswered(long asked) {
    return answeredToken >= asked;
  }

  /** The last round trip; 0 before the first. */
  long roundTripNanos() {
    return roundTripNanos;
  }
}
