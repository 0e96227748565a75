// In which waves a new version reaches the peers, and what stops it.
package dev.p2pkit.sdk;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A roll-out in waves. The plan is signed with the install; from then on nobody needs to stay
 * connected: each peer opens its own wave when its time has come and the peers of the waves before
 * are known to do well. Without {@code autoPromote}, every wave after the first waits for {@link
 * ServiceControl#promote}.
 *
 * @param stages first to last, 1 to 32; the last one has a share of 1
 * @param notBefore when the first wave opens; empty for at once
 * @param autoPromote how long after a wave has opened, late or not, the next one may open by
 *     itself; empty if only the owner opens it
 * @param maxSetbacks how many peers may have gone back to the version before, or failed to start
 *     the new one; 0 by default
 * @param maxErrors how much larger the share of failing turns may be than with the version before,
 *     0 to 1; 0.01 by default
 * @param maxSlowdown how many times as long a turn may take on average, at least 1; 2 by default
 * @param minReports the share of the peers of the waves before that must have reported, above 0;
 *     0.5 by default. What is not known keeps a wave closed
 */
public record StagedRollout(
    List<Stage> stages,
    Optional<Instant> notBefore,
    Optional<Duration> autoPromote,
    int maxSetbacks,
    double maxErrors,
    double maxSlowdown,
    double minReports) {
  private static final int MOST_STAGES = 32;

  /**
   * One wave.
   *
   * @param share of all peers, those of the waves before included, 0 to 1
   * @param label {@code key=value}: the peers that bear it belong to the wave too
   */
  public record Stage(double share, Optional<String> label) {
    /** Checks the share. */
    public Stage {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("a wave takes a share of the peers between 0 and 1");
      }
    }
  }

  /** Checks all bounds. */
  public StagedRollout {
    stages = List.copyOf(stages);
    if (stages.isEmpty() || stages.size() > MOST_STAGES) {
      throw new IllegalArgumentException("a roll-out has 1 to " + MOST_STAGES + " waves");
    }
    if (stages.get(stages.size() - 1).share() < 1) {
      throw new IllegalArgumentException("the last wave takes all peers");
    }
    for (int i = 1; i < stages.size(); i++) {
      if (stages.get(i).share() < stages.get(i - 1).share()) {
        throw new IllegalArgumentException(
            "each wave takes at least as many peers as the one before");
      }
    }
    if (autoPromote.filter(span -> span.isNegative() || span.isZero()).isPresent()) {
      throw new IllegalArgumentException("the time between two waves is longer than 0");
    }
    if (maxSetbacks < 0
        || !(maxErrors >= 0 && maxErrors <= 1)
        || !(maxSlowdown >= 1 && maxSlowdown <= 10_000)
        || !(minReports > 0 && minReports <= 1)) {
      throw new IllegalArgumentException(
          "health limits are setbacks from 0, errors between 0 and 1, a slowdown from 1, and reports"
              + " above 0 and at most 1");
    }
  }

  /** Waves with these shares, 0 to 1; a last one of all peers is added if it is missing. */
  public static StagedRollout waves(double... shares) {
    List<Stage> stages = new ArrayList<>();
    for (double share : shares) {
      stages.add(new Stage(share, Optional.empty()));
    }
    if (shares.length == 0 || shares[shares.length - 1] < 1) {
      stages.add(new Stage(1, Optional.empty()));
    }
    return new StagedRollout(stages, Optional.empty(), Optional.empty(), 0, 0.01, 2, 0.5);
  }

  /** A share of the peers first, then all others. */
  public static StagedRollout canary(double share) {
    return waves(share);
  }

  /**
   * The same, with the peers that bear a label {@code key=value} before all others. Nobody knows
   * how many these are, and so how many of them must have reported: the wave after them waits for
   * {@link ServiceControl#promote}, also with {@link #autoPromote}.
   */
  public StagedRollout labelFirst(String label) {
    List<Stage> more = new ArrayList<>(stages);
    more.add(0, new Stage(0, Optional.of(label)));
    return new StagedRollout(
        more, notBefore, autoPromote, maxSetbacks, maxErrors, maxSlowdown, minReports);
  }

  /** The same, not before a moment. */
  public StagedRollout notBefore(Instant moment) {
    return new StagedRollout(
        stages, Optional.of(moment), autoPromote, maxSetbacks, maxErrors, maxSlowdown, minReports);
  }

  /** The same, with waves that open by themselves, so long after each other at least. */
  public StagedRollout autoPromote(Duration span) {
    return new StagedRollout(
        stages, notBefore, Optional.of(span), maxSetbacks, maxErrors, maxSlowdown, minReports);
  }

  /**
   * The same with other limits; a wave stays closed while one of them is exceeded.
   *
   * @param setbacks how many peers may have gone back, or failed to start it; from 0
   * @param errors how many more turns may fail than with the version before, as a share: 0 to 1
   * @param slowdown how many times as long a turn may take on average; from 1
   * @param reports which share of the peers of the waves before must have reported; above 0, up to
   *     1
   * @throws IllegalArgumentException if one is out of its range
   */
  public StagedRollout limits(int setbacks, double errors, double slowdown, double reports) {
    return new StagedRollout(stages, notBefore, autoPromote, setbacks, errors, slowdown, reports);
  }
}
