// The account of an upgrade under load: what each peer has acknowledged, and what it has counted.
package dev.p2pkit.peer.testing;

import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Adds up calls by peer. Thread-safe. */
final class CallAccount {
  private static final class OfPeer {
    private long acknowledged;
    private long weight;
    private long unknown;
  }

  private final Map<PeerId, OfPeer> peers = new HashMap<>();
  private final Map<ErrorCode, Long> failures = new TreeMap<>();
  private final Map<String, Long> answers = new TreeMap<>();

  /**
   * What is wrong, in units of the calls' weights.
   *
   * @param lost acknowledged, but not counted
   * @param doubled counted, but neither acknowledged nor of unknown outcome
   */
  record Verdict(long lost, long doubled) {}

  private OfPeer of(PeerId peer) {
    return peers.computeIfAbsent(peer, any -> new OfPeer());
  }

  synchronized void acknowledged(PeerId peer, long weight, String version) {
    of(peer).acknowledged++;
    of(peer).weight += weight;
    if (!version.isEmpty()) {
      answers.merge(version, 1L, Long::sum);
    }
  }

  /** A call has failed. A turn that crashes changes nothing, whatever its code says in general. */
  synchronized void failed(PeerId peer, long weight, ErrorCode code) {
    failures.merge(code, 1L, Long::sum);
    if (code.delivery() == Delivery.UNKNOWN && code != ErrorCode.SERVICE_CRASHED) {
      of(peer).unknown += weight;
    }
  }

  /** The calls that the peer with the fewest has acknowledged. */
  synchronized long fewest(Collection<PeerId> all) {
    return all.stream().mapToLong(peer -> of(peer).acknowledged).min().orElse(0);
  }

  synchronized long acknowledged() {
    return peers.values().stream().mapToLong(peer -> peer.acknowledged).sum();
  }

  synchronized Map<ErrorCode, Long> failures() {
    return new TreeMap<>(failures);
  }

  synchronized Map<String, Long> answers() {
    return new TreeMap<>(answers);
  }

  /** Judges a peer by what it has counted in the end. */
  synchronized Verdict judge(PeerId peer, long counted) {
    OfPeer tally = of(peer);
    return new Verdict(
        Math.max(0, tally.weight - counted), Math.max(0, counted - tally.weight - tally.unknown));
  }
}
