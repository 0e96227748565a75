// Whom a part of a broadcast reached: the sum of what the parts of the part report.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whom a part of a broadcast reached. The count is exact; the lists are cut at their bounds.
 *
 * @param reached how many peers have the payload
 * @param peers their ids, at most {@link #MAX_PEERS}
 * @param refused who did not take it and why, at most {@link #MAX_REFUSED}; not among the reached
 * @param missed parts of the ring from which nothing was heard, at most {@link #MAX_MISSED}
 */
public record Tally(
    int reached, List<PeerId> peers, Map<PeerId, ErrorCode> refused, List<Arc> missed) {
  /** How many ids are listed. */
  public static final int MAX_PEERS = 1_024;

  /** How many refusals are listed. */
  public static final int MAX_REFUSED = 64;

  /** How many missed arcs are listed. */
  public static final int MAX_MISSED = 64;

  /** Nobody reached, nobody missed. */
  static final Tally NOBODY = new Tally(0, List.of(), Map.of(), List.of());

  /** Adds up tallies of parts that do not overlap. */
  static final class Sum {
    private long reached;
    private final List<PeerId> peers = new ArrayList<>();
    private final Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    private final List<Arc> missed = new ArrayList<>();

    void reached(PeerId peer) {
      reached++;
      if (peers.size() < MAX_PEERS) {
        peers.add(peer);
      }
    }

    void refused(PeerId peer, ErrorCode code) {
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
      }
    }

    void add(Tally part) {
      reached += part.reached();
      for (PeerId peer : part.peers()) {
        if (peers.size() < MAX_PEERS) {
          peers.add(peer);
        }
      }
      part.refused().forEach(this::refused);
      part.missed().forEach(this::missed);
    }

    Tally tally() {
      return new Tally(
          (int) Math.min(reached, Integer.MAX_VALUE),
          List.copyOf(peers),
          new LinkedHashMap<>(refused),
          List.copyOf(missed));
    }
  }
}
