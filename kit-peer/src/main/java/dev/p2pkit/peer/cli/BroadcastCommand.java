// p2pkit broadcast: one message to everybody, with a report.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.SendOptions;
import picocli.CommandLine.Command;

/** Sends a message to an access point of every peer and prints whom it reached. */
@Command(
    name = "broadcast",
    description = "Sends a message to every peer and reports whom it reached.")
final class BroadcastCommand extends MessageCommand {
  @Override
  SendOptions chosen(SendOptions plain) {
    if (once) {
      throw new IllegalArgumentException(
          "a broadcast is repaired by the neighbours and repeated by nobody, so there is no --once;"
              + " send it to each peer with 'send --once --peer ID' instead");
    }
    return super.chosen(plain);
  }

  @Override
  int call(Client client) {
    BroadcastReport report = await(client.broadcast(accessPoint, body(), options()));
    if (json) {
      output().json(json(report));
    } else {
      output()
          .line(
              "reached %d peers in %d ms"
                  .formatted(report.reached(), report.duration().toMillis()));
      report.refused().forEach((peer, code) -> output().line("refused by " + peer + ": " + code));
      report
          .missed()
          .forEach(
              arc -> output().line("no report from the arc " + arc.after() + " .. " + arc.upTo()));
      if (report.more()) {
        output().line("and from more arcs than are listed");
      }
      if (!report.repaired().isEmpty()) {
        output().line("%d more got it from their neighbours".formatted(report.repaired().size()));
      }
    }
    return report.complete() ? Main.DONE : Main.FAILED;
  }

  private static ObjectNode json(BroadcastReport report) {
    ArrayNode peers = Output.array();
    report.peers().stream().sorted().forEach(peer -> peers.add(peer.toString()));
    ArrayNode repaired = Output.array();
    report.repaired().stream().sorted().forEach(peer -> repaired.add(peer.toString()));
    ObjectNode refused = Output.object();
    report.refused().forEach((peer, code) -> refused.put(peer.toString(), code.name()));
    ArrayNode missed = Output.array();
    report
        .missed()
        .forEach(
            arc ->
                missed
                    .addObject()
                    .put("after", arc.after().toString())
                    .put("upTo", arc.upTo().toString()));
    ObjectNode object = Output.object().put("reached", report.reached());
    object.set("peers", peers);
    object.set("refused", refused);
    object.set("missed", missed);
    object.put("more", report.more());
    object.set("repaired", repaired);
    return object.put("millis", report.duration().toMillis());
  }
}
