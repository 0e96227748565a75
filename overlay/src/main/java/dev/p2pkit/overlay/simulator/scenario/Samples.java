// Measured values, for their percentiles.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Arrays;

/** Values in the order in which they were measured, all kept: percentiles are exact. */
final class Samples {
  private long[] values = new long[64];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  /** The value below which this share lies; not a number if there is none. */
  double percentile(double share) {
    return percentile(0, share);
  }

  /** The same of the values from a place on. */
  double percentile(int from, double share) {
    if (size <= from) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOfRange(values, from, size);
    Arrays.sort(sorted);
    int place = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.max(0, Math.min(sorted.length - 1, place))];
  }

  double mean() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += values[i];
    }
    return size == 0 ? Double.NaN : sum / size;
  }

  double max() {
    return percentile(1);
  }

  /** How many values lie at or below each bound, which grow; one more count for what is above. */
  long[] histogram(long[] bounds) {
    long[] counts = new long[bounds.length + 1];
    for (int i = 0; i < size; i++) {
      int place = Arrays.binarySearch(bounds, values[i]);
      counts[place >= 0 ? place : -(place + 1)]++;
    }
    return counts;
  }
}
