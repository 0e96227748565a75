// How long a message is on its way.
package dev.p2pkit.overlay.simulator;

import java.util.SplittableRandom;

/** Draws delays and losses as {@link NetworkConditions} say. */
final class Delays {
  /** The message vanishes. */
  static final long LOST = -1;

  /** After how long TCP sends a lost segment again at first, as Linux does at the least (µs). */
  private static final long RETRANSMIT_AFTER = 200_000;

  /** It doubles so often at most. */
  private static final int MOST_DOUBLINGS = 6;

  /** Quantiles of the exponential distribution with mean 1: a table, so no logarithm a message. */
  private static final double[] QUANTILES = quantiles(1 << 12);

  private final SplittableRandom random;
  private NetworkConditions conditions = NetworkConditions.DEFAULT;

  Delays(SplittableRandom random) {
    this.random = random;
  }

  private static double[] quantiles(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      // StrictMath: the same bits on every machine.
      values[i] = -StrictMath.log((i + 0.5) / count);
    }
    return values;
  }

  NetworkConditions conditions() {
    return conditions;
  }

  void conditions(NetworkConditions other) {
    conditions = other;
  }

  boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** A delay without loss. */
  long plain() {
    long delay = conditions.latency();
    if (conditions.jitter() > 0) {
      delay += random.nextLong(conditions.jitter() + 1);
    }
    if (conditions.tail() > 0) {
      delay += (long) (conditions.tail() * QUANTILES[random.nextInt(QUANTILES.length)]);
    }
    return delay;
  }

  /** The delay of one message, or {@link #LOST}. */
  long next() {
    return chance(conditions.loss()) ? LOST : kept();
  }

  /** The delay of something that TCP sends until it arrives. */
  long kept() {
    long delay = plain();
    for (int i = 0; i < MOST_DOUBLINGS && chance(conditions.retransmission()); i++) {
      delay += RETRANSMIT_AFTER << i;
    }
    return delay;
  }
}
