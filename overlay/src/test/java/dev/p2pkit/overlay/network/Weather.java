// What a path does to the bytes on it.
package dev.p2pkit.overlay.network;

import java.util.SplittableRandom;

/**
 * What a path does to the bytes that go over it, each way.
 *
 * @param leastMillis how long every byte takes
 * @param meanExtraMillis the mean of what is added, which is distributed exponentially
 * @param lossPerMille of a thousand segments of {@link #SEGMENT} bytes so many are lost. TCP hides
 *     that, at a price: the segment and all behind it come {@link #RETRANSMIT_MILLIS} later, twice
 *     that if it is lost again, and so on
 * @param bytesPerSecond how much passes, at most
 */
record Weather(int leastMillis, int meanExtraMillis, int lossPerMille, int bytesPerSecond) {
  static final int SEGMENT = 1_460;

  /** The shortest retransmission time-out of Linux. */
  static final int RETRANSMIT_MILLIS = 200;

  /** A segment that is lost more often in a row is on a path that is cut. */
  private static final int MOST_LOSSES = 2;

  Weather {
    if (leastMillis < 0 || meanExtraMillis < 0 || lossPerMille < 0 || lossPerMille > 1_000) {
      throw new IllegalArgumentException("delays are not negative, and at most all is lost");
    }
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("something passes");
    }
  }

  /** For the command line of a process. */
  String text() {
    return leastMillis + "," + meanExtraMillis + "," + lossPerMille + "," + bytesPerSecond;
  }

  static Weather parse(String text) {
    String[] parts = text.split(",", -1);
    return new Weather(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        Integer.parseInt(parts[3]));
  }

  /** How many milliseconds so many bytes take, without waiting for those before them. */
  double millis(SplittableRandom random, int bytes) {
    double delay = leastMillis - meanExtraMillis * Math.log(1 - random.nextDouble());
    for (int at = 0; at < bytes; at += SEGMENT) {
      int wait = RETRANSMIT_MILLIS;
      for (int lost = 0; lost < MOST_LOSSES && random.nextInt(1_000) < lossPerMille; lost++) {
        delay += wait;
        wait *= 2;
      }
    }
    return delay;
  }
}
