// The bar on a terminal, and that there is none elsewhere.
package dev.p2pkit.peer.cli.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.cli.output.Output;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final String CLEAR = "\r\u001b[2K";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Output output = new Output(new PrintWriter(out), new PrintWriter(err));

  @Test
  void aTerminalShowsHowMuchIsDoneBesideTheResult() {
    try (ProgressBar bar = new ProgressBar(output, true)) {
      bar.at(0.5, "250 members");
      assertThat(err)
          .hasToString(CLEAR + "[" + "#".repeat(15) + " ".repeat(15) + "]  50 %  250 members");
    }
    assertThat(err.toString()).endsWith("250 members" + CLEAR);
    assertThat(out).hasToString("");
  }

  @Test
  void theBarIsNeitherLongerThanItsFrameNorShorterThanNothing() {
    new ProgressBar(output, true).at(1.2, "late");
    new ProgressBar(output, true).at(-0.1, "early");
    assertThat(err.toString())
        .contains("[" + "#".repeat(30) + "]")
        .contains("[" + " ".repeat(30) + "]");
  }

  @Test
  void withoutATerminalNothingIsPrinted() {
    try (ProgressBar bar = new ProgressBar(output, false)) {
      bar.at(0.5, "250 members");
    }
    assertThat(err).hasToString("");
    assertThat(out).hasToString("");
  }

  @Test
  void aBarThatWasNeverShownLeavesTheLineAlone() {
    new ProgressBar(output, true).close();
    assertThat(err).hasToString("");
  }
}
