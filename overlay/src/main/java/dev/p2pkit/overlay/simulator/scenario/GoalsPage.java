// Puts the table of goals into a page.
package dev.p2pkit.overlay.simulator.scenario;

/** Puts the table of goals into a page, between two marks. */
public final class GoalsPage {
  /** The line before the table. */
  public static final String BEGIN = "<!-- goals: made by p2pkit simulate --goals -->";

  /** The line after the table. */
  public static final String END = "<!-- end of goals -->";

  private GoalsPage() {}

  /**
   * The page with another table.
   *
   * @throws IllegalArgumentException if the page has no marks
   */
  public static String with(String page, String table) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("the page has no lines '" + BEGIN + "' and '" + END + "'");
    }
    return page.substring(0, begin + BEGIN.length()) + "\n" + table + page.substring(end);
  }
}
