// Tells of a failed run: its failures, and a file with what led to the first of them.
package dev.p2pkit.peer.cli.simulate;

import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.ScenarioRun;
import dev.p2pkit.peer.cli.output.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What led to the first failure of a run. */
public final class RunStory {
  private static final int LINES = 20_000;

  private RunStory() {}

  /**
   * Prints the failures of a run, plays it again up to the first of them, which may take as long as
   * the run, and writes down what happened before.
   *
   * @param failed has a failure
   * @throws IOException if the file cannot be written
   */
  public static void write(Report failed, Path file, Output output) throws IOException {
    // Before the second run: what is known by now is not to be lost with it.
    failed.failures().forEach(failure -> output.note("broken: " + failure));
    output.note("seed " + failed.seed() + "; what led to it will stand in " + file);
    List<String> lines = ScenarioRun.explain(failed, LINES).lines();
    StringBuilder text = new StringBuilder();
    text.append("scenario ").append(failed.scenario().name()).append(", seed ");
    text.append(failed.seed()).append("\n\n");
    failed.failures().forEach(failure -> text.append(failure).append('\n'));
    text.append('\n').append(String.join("\n", lines)).append('\n');
    Files.writeString(file, text);
  }
}
