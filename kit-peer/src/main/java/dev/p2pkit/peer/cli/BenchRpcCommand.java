// p2pkit bench rpc: throughput, latency and CPU time of calls.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.bench.Bench;
import dev.p2pkit.peer.cli.bench.BenchRun;
import dev.p2pkit.peer.cli.bench.BenchSettings;
import dev.p2pkit.peer.cli.output.Table;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures rpc between processes on this machine. */
@Command(
    name = "rpc",
    description = {
      "Measures calls of an echo service between processes on loopback.",
      "After an adaptive warm-up of 5 to 20 s: throughput, latency, CPU time of all processes."
    })
final class BenchRpcCommand extends KitCommand {
  private static final List<String> FIGURES =
      List.of(
          "callsPerSecond",
          "p50Micros",
          "p99Micros",
          "p999Micros",
          "cpuSecondsPerMillion",
          "errors",
          "otherCpuPercent",
          "warmUpSeconds");

  @Mixin BenchOptions options = new BenchOptions();

  @Override
  public Integer call() throws Exception {
    BenchSettings settings = settings();
    ObjectNode result = Bench.measure(place -> new BenchRun(settings, place));
    if (json) {
      output().json(result);
    } else {
      Table table = new Table("FIGURE", "VALUE");
      FIGURES.stream()
          .filter(result::has)
          .forEach(name -> table.row(name, result.path(name).asText()));
      table.print(output());
    }
    return result.path("errors").asLong() == 0 ? Main.DONE : Main.FAILED;
  }

  private BenchSettings settings() {
    try {
      return options.settings();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }
}
