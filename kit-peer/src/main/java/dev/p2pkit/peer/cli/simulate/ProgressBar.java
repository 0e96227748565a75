// A line that grows while something long goes on; on a terminal only.
package dev.p2pkit.peer.cli.simulate;

import dev.p2pkit.peer.cli.output.Output;
import java.util.Locale;

/** A bar with a percentage and a word on what is going on. Thread-safe. */
public final class ProgressBar implements AutoCloseable {
  private static final String CLEAR_LINE = "\r\u001b[2K";
  private static final int WIDTH = 30;
  private static final long PAUSE_NANOS = 100_000_000;

  private final Output output;
  private final boolean terminal;
  private long shownAt;
  private boolean shown;

  /** A bar on the stream for everything that is no result; nothing at all without a terminal. */
  public ProgressBar(Output output, boolean terminal) {
    this.output = output;
    this.terminal = terminal;
  }

  /** How much is done, from 0 to 1. */
  public synchronized void at(double share, String what) {
    long now = System.nanoTime();
    if (!terminal || (shown && now - shownAt < PAUSE_NANOS)) {
      return;
    }
    shownAt = now;
    shown = true;
    int full = (int) Math.round(WIDTH * Math.max(0, Math.min(1, share)));
    output
        .err()
        .print(
            CLEAR_LINE
                + "["
                + "#".repeat(full)
                + " ".repeat(WIDTH - full)
                + String.format(Locale.ROOT, "] %3.0f %%  %s", share * 100, what));
    output.err().flush();
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    if (shown) {
      output.err().print(CLEAR_LINE);
      output.err().flush();
      shown = false;
    }
  }
}
