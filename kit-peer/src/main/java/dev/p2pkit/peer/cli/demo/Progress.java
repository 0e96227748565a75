// What the demo says while it runs: one line that changes on a terminal, plain lines elsewhere.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.peer.cli.output.Output;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Supplier;

/** Shows steps and, on a terminal, a line with running figures below the last one. Thread-safe. */
final class Progress {
  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final PrintWriter writer;
  private final boolean terminal;
  private final long begin = System.nanoTime();

  /**
   * @param output results go to its {@code out}, so progress goes there only if there is no JSON
   * @param json whether the result is JSON
   * @param terminal whether the line can be rewritten
   */
  Progress(Output output, boolean json, boolean terminal) {
    this.writer = json ? output.err() : output.out();
    this.terminal = terminal;
  }

  /** A step was done. */
  synchronized void step(String text) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    writer.println(
        (terminal ? CLEAR_LINE : "") + String.format(Locale.ROOT, "%5.1f s  %s", seconds, text));
    writer.flush();
  }

  /** Running figures; shown on a terminal only. */
  synchronized void figures(Supplier<String> text) {
    if (terminal) {
      writer.print(CLEAR_LINE + "         " + text.get());
      writer.flush();
    }
  }
}
