// The state of the second version: it also knows since when that version counts.
package org.example.counter;

import java.time.Instant;

/**
 * What this peer has counted.
 *
 * @param count the sum of all {@link Add}s, those before the upgrade included
 * @param since when this version began to count here
 */
public record Totals(long count, Instant since) {
  Totals plus(long by) {
    return new Totals(count + by, since);
  }
}
