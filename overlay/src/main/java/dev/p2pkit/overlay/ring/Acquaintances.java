// When others were last heard, and how long they take to answer.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * When others were last heard and how long their answers take. The time-out of a question follows
 * from the measured round trips as in TCP (RFC 6298): the smoothed round trip and four times its
 * variation. Bounded: whoever was not heard for longest is forgotten.
 */
final class Acquaintances {
  private static final int MOST = 1_024;
  private static final int MOST_OPEN = 256;

  private static final class Acquaintance {
    long heardAt = Long.MIN_VALUE / 2;
    long smoothed = -1;
    long variation;
  }

  private record Question(PeerId to, long at) {}

  private final DetectorConfig config;

  /** In the order in which they were last heard or asked. */
  private final Map<PeerId, Acquaintance> known = new LinkedHashMap<>(16, 0.75f, true);

  /** Questions by their number, oldest first. */
  private final Map<Long, Question> open = new LinkedHashMap<>();

  Acquaintances(DetectorConfig config) {
    this.config = config;
  }

  private Acquaintance of(PeerId id) {
    Acquaintance one = known.get(id);
    if (one == null) {
      one = new Acquaintance();
      known.put(id, one);
      if (known.size() > MOST) {
        known.remove(known.keySet().iterator().next());
      }
    }
    return one;
  }

  void heard(PeerId from, long now) {
    of(from).heardAt = now;
  }

  /** When a peer was last heard; long ago if never. */
  long heardAt(PeerId id) {
    Acquaintance one = known.get(id);
    return one == null ? Long.MIN_VALUE / 2 : one.heardAt;
  }

  /** A question goes out; a number is used once, so that a late answer is not taken for another. */
  void asked(PeerId to, long number, long now) {
    open.put(number, new Question(to, now));
    if (open.size() > MOST_OPEN) {
      open.remove(open.keySet().iterator().next());
    }
  }

  void answered(PeerId from, long number, long now) {
    Question question = open.remove(number);
    if (question != null && question.to().equals(from)) {
      measured(from, now - question.at());
    }
  }

  void measured(PeerId from, long roundTrip) {
    Acquaintance one = of(from);
    if (one.smoothed < 0) {
      one.smoothed = roundTrip;
      one.variation = roundTrip / 2;
    } else {
      one.variation += (Math.abs(roundTrip - one.smoothed) - one.variation) / 4;
      one.smoothed += (roundTrip - one.smoothed) / 8;
    }
  }

  /** How long to wait for an answer of this peer before it is asked again. */
  long timeout(PeerId id) {
    Acquaintance one = known.get(id);
    if (one == null || one.smoothed < 0) {
      return config.firstTimeout();
    }
    return Math.max(
        config.leastTimeout(), Math.min(config.mostTimeout(), one.smoothed + 4 * one.variation));
  }

  void clear() {
    known.clear();
    open.clear();
  }
}
