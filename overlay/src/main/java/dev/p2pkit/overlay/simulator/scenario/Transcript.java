// What happened in a run, in words: the last lines before something went wrong.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The last lines of what happened. A run is told again, from its seed, to get one. */
public final class Transcript {
  private static final int LONGEST_LINE = 400;

  private final int most;
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long dropped;

  /**
   * An empty one.
   *
   * @param most how many lines are kept, the last ones; at least 1
   */
  public Transcript(int most) {
    this.most = most;
  }

  void add(long now, Supplier<String> what) {
    String text = what.get();
    if (lines.size() == most) {
      lines.removeFirst();
      dropped++;
    }
    String shown = text.length() > LONGEST_LINE ? text.substring(0, LONGEST_LINE) + "…" : text;
    lines.addLast(String.format(Locale.ROOT, "%12.6f s  %s", now / 1e6, shown));
  }

  /** The lines, oldest first. */
  public List<String> lines() {
    List<String> all = new ArrayList<>(lines);
    if (dropped > 0) {
      all.add(0, "(" + dropped + " lines before these)");
    }
    return all;
  }
}
