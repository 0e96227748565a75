// Puts rows of the table of goals into a page.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts rows of the table of goals into a page, between two marks. Only the rows that were measured
 * are replaced: a table whose rows take minutes each is made bit by bit. What was never measured
 * has a row that says so.
 */
public final class GoalsPage {
  /** The line before the table. */
  public static final String BEGIN = "<!-- goals: made by p2pkit simulate --goals -->";

  /** The line after the table. */
  public static final String END = "<!-- end of goals -->";

  private static final String HEAD =
      "| what | goal | measured | | command |\n|---|---|---|---|---|\n";

  private GoalsPage() {}

  /**
   * The page with these rows; measured ones of other goals stay, those of goals that are no more
   * go, and goals without a row get one that says that they are open.
   *
   * @throws IllegalArgumentException if the page has no marks
   */
  public static String with(String page, List<GoalRow> rows) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("the page has no lines '" + BEGIN + "' and '" + END + "'");
    }
    Map<String, String> lines = new HashMap<>();
    page.substring(begin, end)
        .lines()
        .filter(line -> !line.contains(" | " + GoalRow.NOT_MEASURED + " | "))
        .forEach(line -> lines.put(topicOf(line), line));
    for (GoalRow row : rows) {
      lines.put(cell(row.topic()), line(row));
    }
    List<String> ordered = new ArrayList<>();
    for (GoalRow open : Goals.unmeasured()) {
      ordered.add(lines.getOrDefault(cell(open.topic()), line(open)));
    }
    String table = HEAD + String.join("\n", ordered) + "\n";
    return page.substring(0, begin + BEGIN.length()) + "\n" + table + page.substring(end);
  }

  /** The rows as a table in Markdown. */
  public static String table(List<GoalRow> rows) {
    return HEAD + String.join("\n", rows.stream().map(GoalsPage::line).toList()) + "\n";
  }

  /** What stands in the first cell of a line. */
  private static String topicOf(String line) {
    int end = line.indexOf(" | ");
    return line.startsWith("| ") && end > 2 ? line.substring(2, end) : "";
  }

  private static String line(GoalRow row) {
    return "| "
        + String.join(" | ", cell(row.topic()), cell(row.goal()), cell(row.measured()))
        + " | "
        + (row.state() == GoalRow.State.MISSED ? "**missed**" : row.state().word())
        + " | `"
        + cell(row.command())
        + "` |";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
