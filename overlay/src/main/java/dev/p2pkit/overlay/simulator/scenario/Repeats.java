// How often the scenario of a goal is played.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.function.ToDoubleFunction;

/**
 * How often the scenario of a goal is played, each time with the next seed. Where a goal is nearly
 * missed one run says little; the worst of a few stands in the table.
 *
 * @param seeds how many, 1 or more
 * @param quality of two runs that both meet the goal or both miss it the one with less is worse
 */
public record Repeats(int seeds, ToDoubleFunction<Report> quality) {
  /** One run. */
  static final Repeats ONCE = new Repeats(1, report -> 0);

  /** The worst of three, by the sends that were delivered in time. */
  static final Repeats SENDS =
      new Repeats(3, report -> report.figure("within2s") + report.figure("within10s"));
}
