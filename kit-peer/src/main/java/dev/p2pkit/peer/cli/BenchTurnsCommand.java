// p2pkit bench turns: calls per second through a stateful processor.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.bench.Bench;
import dev.p2pkit.peer.cli.bench.TurnsRun;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.Execution;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures turns on this machine. */
@Command(
    name = "turns",
    description = {
      "Measures calls through one stateful processor, from its own peer: no sockets, only turns.",
      "The state lies in the directory for temporary files (java.io.tmpdir)."
    })
final class BenchTurnsCommand extends KitCommand {
  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES}; WORKER by default.")
  Execution mode = Execution.WORKER;

  @Option(
      names = "--durability",
      paramLabel = "D",
      description = "${COMPLETION-CANDIDATES}; NONE by default.")
  Durability durability = Durability.NONE;

  @Option(
      names = "--state",
      paramLabel = "BYTES",
      description = "How large the state is; 1024 by default.")
  int state = 1_024;

  @Option(
      names = "--in-flight",
      paramLabel = "C",
      description = "How many calls are open at any moment; 256 by default.")
  int inFlight = 256;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "How long the warm-up is; 5 by default.")
  int warmUp = 5;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long is measured after the warm-up; 5 by default.")
  int seconds = 5;

  @Override
  public Integer call() throws Exception {
    TurnsRun run;
    try {
      run = new TurnsRun(mode, durability, state, inFlight, warmUp, seconds);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    ObjectNode result = Bench.measure(run::in);
    if (json) {
      output().json(result);
    } else {
      Table table = new Table("FIGURE", "VALUE");
      result.properties().forEach(field -> table.row(field.getKey(), field.getValue().asText()));
      table.print(output());
    }
    return result.path("errors").asLong() == 0 ? Main.DONE : Main.FAILED;
  }
}
