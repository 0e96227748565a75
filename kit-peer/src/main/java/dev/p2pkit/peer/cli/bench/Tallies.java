// The account of the upgrade bench: what each peer has acknowledged, and what it has counted.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares acknowledgements with counts. The reply to a call is the count after it, so no two calls
 * of a peer may have the same one: if they do, the state has gone back, and an acknowledged call is
 * lost. At the end the count must be that of the acknowledged calls, plus at most those whose
 * outcome is unknown; and where there are none of these, the sums must agree, too. Thread-safe.
 */
final class Tallies {
  private final Map<PeerId, OfPeer> peers = new HashMap<>();
  private final Map<ErrorCode, Long> failures = new TreeMap<>();

  private static final class OfPeer {
    private final BitSet counts = new BitSet();
    private long acknowledged;
    private long sum;
    private long again;
    private long unknown;
  }

  /**
   * What is wrong, in calls.
   *
   * @param lost acknowledged, but not counted
   * @param doubled counted more than once
   */
  record Verdict(long lost, long doubled) {}

  /** A call was acknowledged. */
  synchronized void acknowledged(PeerId peer, long number, long count) {
    OfPeer tally = of(peer);
    tally.acknowledged++;
    tally.sum += number;
    int bit = Math.toIntExact(count);
    if (tally.counts.get(bit)) {
      tally.again++;
    }
    tally.counts.set(bit);
  }

  /** A call has failed. A crash has changed nothing, whatever its code says in general. */
  synchronized void failed(PeerId peer, ErrorCode code) {
    failures.merge(code, 1L, Long::sum);
    if (code.delivery() == Delivery.UNKNOWN && code != ErrorCode.SERVICE_CRASHED) {
      of(peer).unknown++;
    }
  }

  private OfPeer of(PeerId peer) {
    return peers.computeIfAbsent(peer, any -> new OfPeer());
  }

  synchronized long acknowledged() {
    return peers.values().stream().mapToLong(tally -> tally.acknowledged).sum();
  }

  /** How many calls have failed, by code. */
  synchronized Map<ErrorCode, Long> failures() {
    return new TreeMap<>(failures);
  }

  /** Judges one peer by what it has counted in the end. */
  synchronized Verdict judge(PeerId peer, long calls, long sum) {
    OfPeer tally = of(peer);
    long difference = calls - tally.acknowledged;
    long lost = Math.max(tally.again, -difference);
    long doubled = Math.max(0, difference - tally.unknown);
    if (lost == 0 && doubled == 0 && tally.unknown == 0 && sum != tally.sum) {
      // As many as there should be, but not the same ones.
      return new Verdict(1, 1);
    }
    return new Verdict(lost, doubled);
  }
}
