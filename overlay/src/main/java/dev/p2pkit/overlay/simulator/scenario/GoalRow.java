// A line of the table of goals.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Locale;

/**
 * One line of the table of goals.
 *
 * @param topic what it is about
 * @param goal what is to be reached
 * @param measured what was reached
 * @param state whether that is enough
 * @param command how to measure it again
 */
public record GoalRow(String topic, String goal, String measured, State state, String command) {
  /** What is said of a goal that nobody has measured. */
  static final String NOT_MEASURED = "not measured yet";

  /** Whether a goal is reached. */
  public enum State {
    /** It is. */
    MET,
    /** It is not. */
    MISSED,
    /** Nobody knows: not measured, or with nothing wrong in too few runs. */
    OPEN;

    /** Which of the two a measurement shows. */
    static State of(boolean met) {
      return met ? MET : MISSED;
    }

    /** In the words of the table. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The line of a goal that was not measured. */
  static GoalRow unmeasured(String topic, String goal, String command) {
    return new GoalRow(topic, goal, NOT_MEASURED, State.OPEN, command);
  }

  /** Whether it is reached. */
  public boolean met() {
    return state == State.MET;
  }
}
