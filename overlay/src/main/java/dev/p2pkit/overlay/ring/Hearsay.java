// Who has told of other rings that do not exist.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hints that another ring exists make this peer dial somebody whom a third one has named. Whoever
 * gives hints that lead nowhere is listened to ever more seldom, so that no liar can make a peer
 * dial others without end. Bounded: those who were not heard for longest are forgotten.
 */
final class Hearsay {
  private static final int MOST = 1_024;
  private static final long FIRST_PAUSE = 5_000_000;
  private static final long LONGEST_PAUSE = 300_000_000;

  /** The least time between two hints for which one peer is the reason. */
  private static final long BETWEEN = 2_000_000;

  private static final class Teller {
    long notBefore = Long.MIN_VALUE;
    long pause = FIRST_PAUSE;
    long toldAt = Long.MIN_VALUE / 2;
  }

  private final Map<PeerId, Teller> tellers = new LinkedHashMap<>(16, 0.75f, true);

  private Teller of(PeerId id) {
    Teller teller = tellers.computeIfAbsent(id, ignored -> new Teller());
    if (tellers.size() > MOST) {
      tellers.remove(tellers.keySet().iterator().next());
    }
    return teller;
  }

  /** Whether a hint of this peer is worth a look now. */
  boolean believes(long now, PeerId teller) {
    return now >= of(teller).notBefore;
  }

  /** Whether something may be passed on because of this stranger. */
  boolean mayTell(long now, PeerId stranger) {
    Teller teller = of(stranger);
    if (now < teller.notBefore || now - teller.toldAt < BETWEEN) {
      return false;
    }
    teller.toldAt = now;
    return true;
  }

  /** What came of a hint. */
  void judge(long now, PeerId id, boolean right) {
    Teller teller = of(id);
    if (right) {
      teller.pause = FIRST_PAUSE;
      teller.notBefore = Long.MIN_VALUE;
    } else {
      teller.notBefore = now + teller.pause;
      teller.pause = Math.min(LONGEST_PAUSE, 2 * teller.pause);
    }
  }

  void clear() {
    tellers.clear();
  }
}
