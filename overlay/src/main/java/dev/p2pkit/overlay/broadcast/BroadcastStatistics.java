// What a peer has done for broadcasts.
package dev.p2pkit.overlay.broadcast;

/**
 * Counters since the start of the peer.
 *
 * @param own trees this peer began: one for each broadcast, or part of a long one
 * @param received contents of others that came here for the first time
 * @param duplicates contents that had come here already
 * @param tasks tasks sent, repeated ones included
 * @param repeated tasks sent once more to the same peer
 * @param redelegated parts handed to another peer because the first was silent or gone
 * @param repaired contents that came by repair and not by the tree
 * @param forged contents that their origin has not signed
 * @param refused contents for which there was no room, or whose origin sends too many
 * @param missed broadcasts that were skipped
 * @param open broadcasts with duties, or whose duties ended a moment ago
 * @param kept broadcasts kept for neighbours
 */
public record BroadcastStatistics(
    long own,
    long received,
    long duplicates,
    long tasks,
    long repeated,
    long redelegated,
    long repaired,
    long forged,
    long refused,
    long missed,
    int open,
    int kept) {}
