// Whom a part of a broadcast reached: the sum of what the parts of the part report.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom a part of a broadcast reached. The counts are exact; the lists are cut at their bounds.
 *
 * @param reached how many peers have the payload
 * @param xor the exclusive or of hashes of their ids: with the count it tells two sets apart
 * @param peers their ids, at most {@link #MAX_PEERS}
 * @param refusals how many did not take it
 * @param refused who did not take it and why, at most {@link #MAX_REFUSED}; not among the reached
 * @param missed parts of the ring from which nothing was heard, at most {@link #MAX_MISSED}
 * @param overflow whether there were more parts that were missed
 */
public record Tally(
    int reached,
    long xor,
    List<PeerId> peers,
    int refusals,
    Map<PeerId, ErrorCode> refused,
    List<Arc> missed,
    boolean overflow) {
  /** How many ids are listed. */
  public static final int MAX_PEERS = 1_024;

  /** How many refusals are listed. */
  public static final int MAX_REFUSED = 64;

  /** How many missed arcs are listed. */
  public static final int MAX_MISSED = 64;

  /** Nobody reached, nobody missed. */
  static final Tally NOBODY = new Tally(0, 0, List.of(), 0, Map.of(), List.of(), false);

  /** Of one peer, which took it or refused. */
  static Tally of(PeerId peer, @Nullable ErrorCode refusal) {
    Sum sum = new Sum();
    if (refusal == null) {
      sum.reached(peer);
    } else {
      sum.refused(peer, refusal);
    }
    return sum.tally();
  }

  /** The hash of an id in {@link #xor}. */
  static long hash(PeerId peer) {
    return new BroadcastId(peer, 0).hash();
  }

  /** Adds up tallies of parts that do not overlap. */
  static final class Sum {
    private long reached;
    private long xor;
    private final List<PeerId> peers = new ArrayList<>(1);
    private long refusals;
    private final Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    private final List<Arc> missed = new ArrayList<>(0);
    private boolean overflow;

    void reached(PeerId peer) {
      reached++;
      xor ^= hash(peer);
      list(peer);
    }

    private void list(PeerId peer) {
      if (peers.size() < MAX_PEERS) {
        peers.add(peer);
      }
    }

    void refused(PeerId peer, ErrorCode code) {
      refusals++;
      list(peer, code);
    }

    private void list(PeerId peer, ErrorCode code) {
      if (refused.size() < MAX_REFUSED) {
        refused.put(peer, code);
      }
    }

    void missed(Arc arc) {
      int last = missed.size() - 1;
      if (last >= 0
          && missed.get(last).upTo().equals(arc.after())
          && !missed.get(last).after().equals(arc.upTo())) {
        missed.set(last, new Arc(missed.get(last).after(), arc.upTo()));
      } else if (missed.size() < MAX_MISSED) {
        missed.add(arc);
      } else {
        overflow = true;
      }
    }

    void add(Tally part) {
      reached += part.reached();
      xor ^= part.xor();
      part.peers().forEach(this::list);
      refusals += part.refusals();
      part.refused().forEach(this::list);
      part.missed().forEach(this::missed);
      overflow |= part.overflow();
    }

    Tally tally() {
      return new Tally(
          (int) Math.min(reached, Integer.MAX_VALUE),
          xor,
          List.copyOf(peers),
          (int) Math.min(refusals, Integer.MAX_VALUE),
          new LinkedHashMap<>(refused),
          List.copyOf(missed),
          overflow);
    }
  }
}
