// What a long command says while it runs: steps with their time, and figures that change.
package dev.p2pkit.peer.cli.output;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Shows steps, each with the seconds since the beginning, and, on a terminal, a line with running
 * figures below the last one. Thread-safe.
 */
public final class Progress {
  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final PrintWriter writer;
  private final boolean terminal;
  private final long begin = System.nanoTime();

  /**
   * Begins now.
   *
   * @param terminal whether a line of the writer can be rewritten
   */
  public Progress(PrintWriter writer, boolean terminal) {
    this.writer = writer;
    this.terminal = terminal;
  }

  /** A step was done. */
  public synchronized void step(String text) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    writer.println(
        (terminal ? CLEAR_LINE : "") + String.format(Locale.ROOT, "%5.1f s  %s", seconds, text));
    writer.flush();
  }

  /** Running figures; shown on a terminal only. */
  public synchronized void figures(Supplier<String> text) {
    if (terminal) {
      writer.print(CLEAR_LINE + "         " + text.get());
      writer.flush();
    }
  }
}
