// How a run went.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.oracle.Findings.Finding;
import java.util.List;
import java.util.Map;

/**
 * How a run went.
 *
 * @param scenario what was played
 * @param seed from which it can be played again
 * @param traceHash the same for the same seed, scenario and program
 * @param figures numbers by name, in the order in which they are shown; not a number where nothing
 *     was there to be measured
 * @param bytes what a peer sent a second on average, by purpose, before TLS and TCP
 * @param seconds for charts
 * @param latencies how many messages took at most the time of the same place in {@link
 *     #LATENCY_BOUNDS}, and more than the one before
 * @param findings what the oracles found, the first of them
 * @param failures what makes this run a failed one, in words; empty if all promises were kept
 * @param failedAt virtual time of the first failure in microseconds, -1 if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Report(
    Scenario scenario,
    long seed,
    long traceHash,
    Map<String, Double> figures,
    Map<Purpose, Double> bytes,
    List<Second> seconds,
    long[] latencies,
    List<Finding> findings,
    List<String> failures,
    long failedAt) {
  /** The upper bounds of the classes of latencies, in microseconds. */
  public static final long[] LATENCY_BOUNDS = bounds();

  /** Whether all promises were kept. */
  public boolean kept() {
    return failures.isEmpty();
  }

  /** A figure by its name. */
  public double figure(String name) {
    Double value = figures.get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no figure " + name);
    }
    return value;
  }

  private static long[] bounds() {
    long[] bounds = new long[24];
    double bound = 1_000;
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Math.round(bound);
      bound *= 1.5;
    }
    return bounds;
  }
}
