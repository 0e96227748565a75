// What other peers may cost this one.
package dev.p2pkit.peer.registry;

import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * An allowance for each peer, which fills with time. To verify a signature takes some half a
 * millisecond, and a question of a few bytes may be answered with megabytes, both on the thread
 * that the registry shares with the transfer of archives. Whoever has this peer verify what is
 * forged, or of owners whose services it does not run, or answer without end, uses its allowance
 * up; then what it sends is not looked at. Those that were not heard for longest are forgotten.
 */
final class Allowances {
  private static final int MOST_PEERS = 1_024;
  private static final long SECOND = 1_000;

  private final int atOnce;
  private final int perSecond;
  private final LongSupplier wallMillis;
  private final Map<PeerId, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Bucket {
    long used;
    long at;
  }

  /** With an allowance of so much at once, which fills by so much in a second. */
  Allowances(int atOnce, int perSecond, LongSupplier wallMillis) {
    this.atOnce = atOnce;
    this.perSecond = perSecond;
    this.wallMillis = wallMillis;
  }

  /** Whether a peer has used up what it has. */
  boolean spent(PeerId peer) {
    Bucket bucket = buckets.get(peer);
    return bucket != null && used(bucket) >= atOnce * SECOND;
  }

  /** A peer has caused so much work. */
  void add(PeerId peer, int work) {
    Bucket bucket = buckets.computeIfAbsent(peer, any -> new Bucket());
    bucket.used = used(bucket) + work * SECOND;
    bucket.at = wallMillis.getAsLong();
    if (buckets.size() > MOST_PEERS) {
      buckets.remove(buckets.keySet().iterator().next());
    }
  }

  private long used(Bucket bucket) {
    long passed = Math.max(0, wallMillis.getAsLong() - bucket.at);
    return passed >= atOnce * SECOND ? 0 : Math.max(0, bucket.used - passed * perSecond);
  }
}
