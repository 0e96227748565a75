// The row of the table of goals that no simulation measures.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Locale;

/** The row of the table of goals that no simulation measures: real peers on sockets. */
public final class RealGoal {
  /** What it is about. */
  public static final String TOPIC =
      "real processes: 200 peers in two JVMs with TLS on loopback, all at once";

  private static final String GOAL = "ring complete in 10 s; heap per further peer 1,024 KiB";

  private static final String COMMAND = "./p2pkit bench ring --peers 200 --processes 2 --json";

  private RealGoal() {}

  /**
   * The row, from what {@code p2pkit bench ring} says of 200 peers in two processes.
   *
   * @param completeMillis until each peer knew all
   * @param heapKiB how much heap a further idle peer takes; not a number meets no goal
   */
  public static GoalRow row(double completeMillis, double heapKiB) {
    return new GoalRow(
        TOPIC,
        GOAL,
        String.format(
            Locale.ROOT,
            "complete after %.1f s, %,.0f KiB per further peer",
            completeMillis / 1e3,
            heapKiB),
        GoalRow.State.of(completeMillis <= 10_000 && heapKiB <= 1_024),
        COMMAND);
  }

  /** The row until it is measured. */
  static GoalRow unmeasured() {
    return GoalRow.unmeasured(TOPIC, GOAL, COMMAND);
  }
}
