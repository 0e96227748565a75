// How much of the ring is served, and how long it took after something had happened.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.sdk.Key;
import org.jspecify.annotations.Nullable;

/** Looks again and again how much of the ring is served. */
final class Coverage {
  private static final double WHOLE = 0x1p64;

  private final World world;
  private long incidentAt = -1;
  private long below99At;
  private long below9999At;
  private double heal99 = Double.NaN;
  private double heal9999 = Double.NaN;
  private double least = 1;
  private double sum;
  private long looks;
  private double share;

  /** For which arcs and sleepers that holds, and when the first of these arcs runs out. */
  private long seen = -1;

  private long asleep;
  private long firstEnd = Long.MIN_VALUE;

  Coverage(World world) {
    this.world = world;
  }

  /** Something has happened from which the ring has to recover. */
  void incident() {
    settle();
    incidentAt = world.now();
    below99At = incidentAt;
    below9999At = incidentAt;
  }

  void look() {
    double share = share();
    sum += share;
    looks++;
    least = Math.min(least, share);
    if (share < 0.99) {
      below99At = world.now();
    }
    if (share < 0.9999) {
      below9999At = world.now();
    }
  }

  /** The time after the last incident is over. */
  void settle() {
    if (incidentAt >= 0) {
      heal99 = longer(heal99, (double) (below99At - incidentAt));
      heal9999 = longer(heal9999, (double) (below9999At - incidentAt));
    }
  }

  private static double longer(double one, double other) {
    return Double.isNaN(one) ? other : Math.max(one, other);
  }

  /** As long as no arc changes or runs out, nothing has to be added up. */
  private double share() {
    boolean same = seen == world.judge.changes() && asleep == world.sleeps;
    if (!same || world.now() >= firstEnd) {
      seen = world.judge.changes();
      asleep = world.sleeps;
      firstEnd = Long.MAX_VALUE;
      share = served();
    }
    return share;
  }

  /** The share of all keys that somebody serves now, who is not asleep. */
  private double served() {
    double served = 0;
    Key first = null;
    Key before = null;
    double firstLength = 0;
    boolean firstReachesBack = false;
    for (Node node : world.inOrder()) {
      double length = node.process.paused() ? 0 : length(node);
      if (length == 0) {
        continue;
      }
      Key here = node.id().position();
      if (before == null) {
        first = here;
        firstLength = length;
        firstReachesBack = true;
      } else {
        served += Math.min(length, part(before, here));
      }
      before = here;
    }
    if (!firstReachesBack || first == null || before == null) {
      return 0;
    }
    double gap = first.equals(before) ? 1 : part(before, first);
    return Math.min(1, served + Math.min(firstLength, gap));
  }

  private double length(Node node) {
    Holding.Tenure tenure = node.tenure;
    if (tenure.until() <= node.process.now()) {
      return 0;
    }
    firstEnd = Math.min(firstEnd, node.process.moment(tenure.until()));
    return tenure.after().equals(tenure.upTo()) ? 1 : part(tenure.after(), tenure.upTo());
  }

  private static double part(@Nullable Key from, Key to) {
    if (from == null) {
      return 0;
    }
    Key distance = from.distanceTo(to);
    double high = (double) (distance.high() >>> 1) * 2 + (distance.high() & 1);
    return (high + (distance.low() >>> 1) / 0x1p63) / WHOLE;
  }

  double heal99Micros() {
    return heal99;
  }

  double heal9999Micros() {
    return heal9999;
  }

  double mean() {
    return looks == 0 ? Double.NaN : sum / looks;
  }

  /** The least share since the last time this was asked. */
  double takeLeast() {
    double was = least;
    least = 1;
    return was;
  }
}
