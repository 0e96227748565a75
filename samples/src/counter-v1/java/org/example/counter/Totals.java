// The state of the first version.
package org.example.counter;

/**
 * What this peer has counted.
 *
 * @param count the sum of all {@link Add}s
 */
public record Totals(long count) {
  Totals plus(long by) {
    return new Totals(count + by);
  }
}
