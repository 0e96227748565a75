// What a simulation has done so far.
package dev.p2pkit.overlay.simulator;

/**
 * Counters of a simulation.
 *
 * @param occurrences messages delivered, timers fired, link events and steps of the scenario
 * @param sent messages that machines sent
 * @param delivered messages that reached a machine, duplicates included
 * @param lost messages that vanished: by loss, over cut paths, with links or with their receiver
 * @param dials attempts to open a link
 */
public record SimulationStatistics(
    long occurrences, long sent, long delivered, long lost, long dials) {}
