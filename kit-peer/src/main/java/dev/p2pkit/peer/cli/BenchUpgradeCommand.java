// p2pkit bench upgrade: a service that counts calls is upgraded under load, also to bad versions.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.bench.Bench;
import dev.p2pkit.peer.cli.bench.UpgradeComplaints;
import dev.p2pkit.peer.cli.bench.UpgradeRun;
import dev.p2pkit.peer.cli.bench.UpgradeSettings;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.peer.log.Verbosity;
import dev.p2pkit.sdk.Durability;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures upgrades, and checks that every acknowledged call is counted once. */
@Command(
    name = "upgrade",
    description = {
      "Starts peers in a few processes on loopback, installs a service that counts, calls all of"
          + " them at a steady rate, and upgrades the service again and again.",
      "Of the bad versions one fails in its migration, so that nothing changes; the next crashes at"
          + " every call, so that each peer goes back by itself. Exit code 1 if an acknowledged call"
          + " is lost or counted twice, if a good version does not come through or a peer does not go"
          + " back from one that crashes, if no caller of that is told so, or if the peers do not end"
          + " on the last good version."
    })
final class BenchUpgradeCommand extends KitCommand {
  @Option(
      names = "--peers",
      paramLabel = "N",
      description = "How many peers, the caller included; 50 by default.")
  int peers = 50;

  @Option(
      names = "--processes",
      paramLabel = "P",
      description = "How many processes the others share; 2 by default.")
  int processes = 2;

  @Option(
      names = "--calls-per-second",
      paramLabel = "C",
      description = "How many calls are made, over all peers; 5000 by default.")
  int callsPerSecond = 5_000;

  @Option(
      names = "--upgrades",
      paramLabel = "N",
      description = "How many versions follow the first; 10 by default.")
  int upgrades = 10;

  @Option(
      names = "--bad",
      paramLabel = "N",
      description = "How many of them are bad; 2 by default.")
  int bad = 2;

  @Option(
      names = "--durability",
      paramLabel = "D",
      description = "none, snapshot or journal (the default).")
  Durability durability = Durability.JOURNAL;

  @Override
  public Integer call() throws Exception {
    UpgradeSettings settings = settings();
    // The bad versions log a warning for each call.
    Verbosity.set(1);
    ObjectNode result = Bench.measure(place -> new UpgradeRun(settings, place));
    if (json) {
      output().json(result);
    } else {
      Table table = new Table("FIGURE", "VALUE");
      result
          .properties()
          .forEach(
              field ->
                  table.row(
                      field.getKey(),
                      field.getValue().isValueNode()
                          ? field.getValue().asText()
                          : field.getValue().toString()));
      table.print(output());
    }
    List<String> complaints = UpgradeComplaints.of(settings, result);
    complaints.forEach(output()::note);
    return complaints.isEmpty() ? Main.DONE : Main.FAILED;
  }

  private UpgradeSettings settings() {
    try {
      return new UpgradeSettings(peers, processes, callsPerSecond, upgrades, bad, durability);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }
}
