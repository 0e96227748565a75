// Counters of a router.
package dev.p2pkit.overlay.routing;

import java.util.List;
import java.util.SortedMap;

/**
 * Counters of a router since its start, and what it holds now.
 *
 * @param delivered messages that were accepted here
 * @param sentRemote messages of this peer that left for another, repeated ones included
 * @param forwarded messages of others that were passed on
 * @param open own calls that are open now
 * @param inProgress messages that were accepted here and whose turn has not ended yet
 * @param remembered messages of others that are remembered now, answered or not
 * @param dials links that were asked for
 * @param relayed messages of this peer that went through a connected peer for want of a link
 * @param hops answered calls by the hops that their message had come, from 0 (this peer itself);
 *     the last counts all that had come more
 * @param dropped what was given up, by reason
 */
public record RouterStatistics(
    long delivered,
    long sentRemote,
    long forwarded,
    int open,
    int inProgress,
    int remembered,
    long dials,
    long relayed,
    List<Long> hops,
    SortedMap<String, Long> dropped) {}
