// What this peer has learnt about others by handing tasks to them.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Whom a link is open to, who has not answered lately, and how long answers take (RFC 6298). A task
 * for a peer without a link waits for two or three round trips more, so peers with links are asked
 * first.
 */
final class Acquaintances {
  private static final long LEAST = 50_000;
  private static final long MOST = 2_000_000;
  private static final long SUSPECTED_FOR = 10_000_000;

  /**
   * So many deviations beyond the mean an answer may come. RFC 6298 has four; where delays have a
   * long tail, one answer in a hundred comes later than that, and a payload would be sent again.
   */
  private static final int DEVIATIONS = 6;

  private static final long LEAST_MARGIN = 20_000;
  private static final int MOST_REMEMBERED = 4_096;

  /** Setting a link up takes about this much more. */
  private static final long DIAL = 600_000;

  /** A slow path carries a byte in a microsecond. */
  private static final long BYTES_PER_MICRO = 1;

  /** Out of 1,024: beyond it, a part that failed is handed to two at once. */
  private static final int MANY_FAILURES = 256;

  private static final int SHARE = 1_024;
  private static final int INERTIA = 8;

  private final long firstTimeout;
  private final Set<PeerId> linked = new HashSet<>();
  private final Map<PeerId, Long> suspects = bounded();
  private final Map<PeerId, Measured> measured = bounded();
  private int failures;
  private long lossSeenAt = Long.MIN_VALUE / 2;

  private record Measured(long smoothed, long deviation) {}

  Acquaintances(long firstTimeout) {
    this.firstTimeout = firstTimeout;
  }

  /** Forgets who was not used longest. */
  private static <V> Map<PeerId, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<PeerId, V> eldest) {
        return size() > MOST_REMEMBERED;
      }
    };
  }

  boolean isLinked(PeerId peer) {
    return linked.contains(peer);
  }

  boolean isSuspect(long now, PeerId peer) {
    Long until = suspects.get(peer);
    if (until != null && until <= now) {
      suspects.remove(peer);
      return false;
    }
    return until != null;
  }

  void onLink(long now, PeerId peer, LinkEvent event) {
    if (event == LinkEvent.UP) {
      heard(peer);
    } else {
      linked.remove(peer);
      if (event != LinkEvent.DOWN) {
        suspects.put(peer, now + SUSPECTED_FOR);
      }
    }
  }

  /** A peer that speaks has a link and is no suspect. */
  void heard(PeerId peer) {
    linked.add(peer);
    suspects.remove(peer);
  }

  /** A task was answered; how long that took is known only if it was sent once. */
  void answered(long now, PeerId peer, long took, boolean once) {
    failures += -failures / INERTIA;
    if (!once) {
      lossSeenAt = now;
      return;
    }
    Measured before = measured.get(peer);
    measured.put(
        peer,
        before == null
            ? new Measured(took, took / 2)
            : new Measured(
                before.smoothed() + (took - before.smoothed()) / 8,
                before.deviation()
                    + (Math.abs(took - before.smoothed()) - before.deviation()) / 4));
  }

  void failed(long now, PeerId peer) {
    failures += (SHARE - failures) / INERTIA;
    suspects.put(peer, now + SUSPECTED_FOR);
  }

  /** Whether so many have not answered lately that one candidate at a time is too slow. */
  boolean manyFail() {
    return failures > MANY_FAILURES;
  }

  /** How often a task is sent to one peer: once more where messages are known to get lost. */
  int sends(long now) {
    return now - lossSeenAt < SUSPECTED_FOR ? 3 : 2;
  }

  /**
   * How long to wait for an answer.
   *
   * @param sent how often the task was sent, this time included
   * @param bytes what this peer has sent and was not answered yet
   */
  long timeout(PeerId peer, int sent, long bytes) {
    Measured known = measured.get(peer);
    long base;
    if (known == null) {
      base = firstTimeout;
    } else {
      base =
          Math.max(
              LEAST, known.smoothed() + Math.max(LEAST_MARGIN, DEVIATIONS * known.deviation()));
    }
    if (!linked.contains(peer)) {
      base += DIAL;
    }
    return Math.min(MOST, base << Math.min(sent - 1, 4)) + bytes / BYTES_PER_MICRO;
  }
}
