// How much may be sent or read now, at a given rate.
package dev.p2pkit.overlay.transport;

/**
 * A token bucket that holds a tenth of a second's worth and may go into debt by one batch. Not
 * thread-safe.
 */
final class TokenBucket {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double perNano;
  private final double most;
  private double tokens;
  private long filledAt;

  TokenBucket(long bytesPerSecond, long nowNanos) {
    perNano = bytesPerSecond / NANOS_PER_SECOND;
    most = bytesPerSecond / 10.0;
    tokens = most;
    filledAt = nowNanos;
  }

  void take(long bytes) {
    tokens -= bytes;
  }

  /** How long until something may be taken again; 0 if now, else at least a millisecond. */
  long delayMillis(long nowNanos) {
    tokens = Math.min(most, tokens + (nowNanos - filledAt) * perNano);
    filledAt = nowNanos;
    return tokens > 0 ? 0 : 1 + (long) (-tokens / perNano / 1e6);
  }
}
