// How much each of many others may ask for in a second.
package dev.p2pkit.overlay.ring;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket of tokens for each of many: so much a second, and as much at once. Those that did not
 * ask for longest are forgotten, which gives them a full bucket; that many at once are no single
 * requester.
 *
 * @param <K> who asks
 */
final class Allowance<K> {
  private static final int MOST = 1_024;
  private static final long SECOND = 1_000_000;

  private static final class Bucket {
    long tokens;
    long filledAt;
  }

  private final int perSecond;

  /** Made when somebody asks for the first time: most peers are never asked for most things. */
  private Map<K, Bucket> buckets = Map.of();

  Allowance(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Takes one; false if there is none left. */
  boolean take(K who, long now) {
    return take(who, now, 1);
  }

  /** Takes so many; false, and nothing is taken, if there are not so many left. */
  boolean take(K who, long now, int count) {
    Bucket bucket = buckets.get(who);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.tokens = perSecond * SECOND;
      bucket.filledAt = now;
      if (buckets.isEmpty()) {
        buckets = new LinkedHashMap<>(16, 0.75f, true);
      }
      buckets.put(who, bucket);
      if (buckets.size() > MOST) {
        buckets.remove(buckets.keySet().iterator().next());
      }
    }
    long passed = Math.min(SECOND, now - bucket.filledAt);
    bucket.tokens = Math.min(perSecond * SECOND, bucket.tokens + passed * perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < count * SECOND) {
      return false;
    }
    bucket.tokens -= count * SECOND;
    return true;
  }
}
