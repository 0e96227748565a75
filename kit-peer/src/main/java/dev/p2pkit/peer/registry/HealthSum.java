// Adds up what peers report of a new version and compares it with what its owner allows.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.HealthLimits;
import dev.p2pkit.client.record.Wave;
import dev.p2pkit.peer.registry.Deployment.Tally;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The health of the waves before one, over all peers that reported. */
final class HealthSum {
  /** Fewer turns than these say nothing of how long turns take: the first ones are slow. */
  static final int ENOUGH_TURNS = 100;

  private long setbacks;
  private final Sum now = new Sum();
  private final Sum before = new Sum();

  private static final class Sum {
    double turns;
    double failed;
    double micros;

    void add(Tally tally) {
      turns += tally.turns();
      failed += tally.failed();
      micros += (double) (tally.turns() - tally.failed()) * tally.micros();
    }

    double errors() {
      return turns == 0 ? 0 : failed / turns;
    }

    double mean() {
      return micros / Math.max(1, turns - failed);
    }
  }

  /**
   * What is outside of the limits, over all reports, and over all but the one that names most
   * turns: one peer that counts for many must not hide how the others do. Empty if nothing is.
   */
  static Optional<String> objection(Collection<HealthReport> reports, HealthLimits limits) {
    HealthSum all = new HealthSum(reports);
    Optional<String> objection = all.objection(limits);
    if (objection.isPresent() || reports.size() < 2) {
      return objection;
    }
    List<HealthReport> others = new ArrayList<>(reports);
    others.sort(Comparator.comparingLong(report -> report.now().turns()));
    others.remove(others.size() - 1);
    HealthSum rest = new HealthSum(others);
    return rest.now.turns >= ENOUGH_TURNS ? rest.objection(limits) : Optional.empty();
  }

  /** Whether more peers than the owner allows could not keep the version, for people. */
  static Optional<String> tooManySetbacks(Collection<HealthReport> reports, HealthLimits limits) {
    return new HealthSum(reports).tooManySetbacks(limits);
  }

  private HealthSum(Collection<HealthReport> reports) {
    for (HealthReport report : reports) {
      if (report.state() != HealthReport.State.ACTIVE) {
        setbacks++;
      }
      now.add(report.now());
      before.add(report.before());
    }
  }

  private Optional<String> tooManySetbacks(HealthLimits limits) {
    return setbacks <= limits.setbacks()
        ? Optional.empty()
        : Optional.of(
            "the roll-out is halted, "
                + setbacks
                + (setbacks == 1 ? " peer" : " peers")
                + " could not keep the new version; "
                + limits.setbacks()
                + " are allowed");
  }

  private Optional<String> objection(HealthLimits limits) {
    Optional<String> halted = tooManySetbacks(limits);
    if (halted.isPresent()) {
      return halted;
    }
    double more = now.errors() - before.errors();
    if (more * Wave.ALL > limits.errors()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%.2f %% of the turns fail, %.2f %% with the version before; %.2f %% more are allowed",
              now.errors() * 100,
              before.errors() * 100,
              limits.errors() / 100.0));
    }
    if (now.turns >= ENOUGH_TURNS
        && before.turns >= ENOUGH_TURNS
        && now.mean() * 100 > before.mean() * limits.slowdown()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "turns take %.0f µs, %.0f µs with the version before; %.2f times as long is allowed",
              now.mean(),
              before.mean(),
              limits.slowdown() / 100.0));
    }
    return Optional.empty();
  }
}
