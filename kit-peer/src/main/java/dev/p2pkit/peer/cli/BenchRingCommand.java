// p2pkit bench ring: how fast many peers in few processes become one ring, and what each costs.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.simulator.scenario.GoalRow;
import dev.p2pkit.overlay.simulator.scenario.RealGoal;
import dev.p2pkit.peer.cli.bench.Bench;
import dev.p2pkit.peer.cli.bench.RingRun;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Progress;
import dev.p2pkit.peer.cli.output.Table;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the growth of a ring on this machine. */
@Command(
    name = "ring",
    description = {
      "Starts peers in a few processes on loopback, all at once, and waits until each knows all.",
      "Then, when they have idled for a while: heap and threads of all processes, divided by the"
          + " peers. A second, small ring tells what a further peer costs. With the defaults this"
          + " takes three to four minutes, most of which the peers idle; standard error tells how"
          + " far it is. '--base 0 --idle 0' shows the growth alone."
    })
final class BenchRingCommand extends KitCommand {
  @Option(names = "--peers", paramLabel = "N", description = "How many peers; 200 by default.")
  int peers = 200;

  @Option(
      names = "--processes",
      paramLabel = "P",
      description = "How many processes they share; 2 by default.")
  int processes = 2;

  @Option(
      names = "--idle",
      paramLabel = "S",
      description = "How many seconds the peers idle before the heap is read; 90 by default.")
  int idle = 90;

  @Option(
      names = "--base",
      paramLabel = "N",
      description = "How many peers the small ring has; 20 by default, 0 for none.")
  int base = 20;

  @Override
  public Integer call() throws Exception {
    if (processes < 1 || processes > 64 || peers < processes || peers > 10_000) {
      throw usage("1 to 64 processes share at least as many peers, and at most 10000");
    }
    if (idle < 0 || idle > 3_600) {
      throw usage("the peers idle for 0 to 3600 seconds");
    }
    if (base != 0 && base < processes) {
      throw usage("the small ring has at least one peer for each process, or 0 for none");
    }
    ObjectNode result = measure();
    if (json) {
      output().json(result);
    } else {
      Table table = new Table("FIGURE", "VALUE");
      result.properties().forEach(field -> table.row(field.getKey(), field.getValue().asText()));
      table.print(output());
    }
    return Main.DONE;
  }

  /**
   * The row of the table of goals that is about real processes: what this command measures if
   * nothing is said.
   *
   * @param out whose other stream is told how far it is
   */
  static GoalRow goal(Output out) throws IOException, InterruptedException {
    BenchRingCommand command = new BenchRingCommand();
    command.printTo(out);
    return goal(command.measure());
  }

  /** The row of the table of goals from the figures of 200 peers in two processes. */
  static GoalRow goal(ObjectNode figures) {
    return RealGoal.row(
        figures.path("completeMillis").asDouble(Double.NaN),
        figures.path("heapKiBPerFurtherPeer").asDouble(Double.NaN));
  }

  private ObjectNode measure() throws IOException, InterruptedException {
    ObjectNode result = grow(peers);
    if (base != 0 && base < peers) {
      long further = result.path("heapBytes").asLong() - grow(base).path("heapBytes").asLong();
      result.put("heapKiBPerFurtherPeer", further / 1_024 / (peers - base)).put("base", base);
    }
    return result;
  }

  private ObjectNode grow(int size) throws IOException, InterruptedException {
    // Results may go to a file; what the bench waits for is told on the other stream.
    Progress progress = new Progress(output().err(), false);
    return Bench.measure(place -> new RingRun(size, processes, idle, place, progress));
  }
}
