// What a peer has done for broadcasts.
package dev.p2pkit.overlay.broadcast;

/**
 * Counters since the start of the peer.
 *
 * @param own broadcasts this peer began
 * @param delivered broadcasts of others that were delivered here
 * @param duplicates tasks for a broadcast that had been delivered here already
 * @param tasks tasks sent, repeated ones included
 * @param repeated tasks sent once more to the same peer
 * @param redelegated parts handed to another peer because the first was silent or gone
 * @param late tasks for broadcasts that were over
 * @param remembered broadcasts that are remembered now
 */
public record BroadcastStatistics(
    long own,
    long delivered,
    long duplicates,
    long tasks,
    long repeated,
    long redelegated,
    long late,
    int remembered) {}
