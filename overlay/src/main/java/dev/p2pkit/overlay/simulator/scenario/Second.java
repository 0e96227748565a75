// One second of a run, for charts.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Map;

/**
 * One second of a run.
 *
 * @param second since the beginning
 * @param members peers in the ring at its end
 * @param served the smallest share of all keys that was served in it
 * @param delivered messages that ended well in it
 * @param failed messages that ended otherwise
 * @param p50Millis half of those delivered were faster
 * @param p99Millis all but one in a hundred were faster
 * @param bytes what a peer sent on average, by purpose
 */
public record Second(
    int second,
    int members,
    double served,
    long delivered,
    long failed,
    double p50Millis,
    double p99Millis,
    Map<Purpose, Double> bytes) {}
