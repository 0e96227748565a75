// The archive transfer's counters.
package dev.p2pkit.peer.registry.archive;

/**
 * What a transfer has done since its start.
 *
 * @param fetched archives that arrived whole
 * @param failed fetches that were given up
 * @param chunksReceived chunks that were right
 * @param chunksServed chunks sent to others
 * @param badChunks chunks that were not what the record says
 * @param refusals requests of others that were refused
 * @param unexpected answers that nobody waited for
 */
public record TransferStatistics(
    long fetched,
    long failed,
    long chunksReceived,
    long chunksServed,
    long badChunks,
    long refusals,
    long unexpected) {}
