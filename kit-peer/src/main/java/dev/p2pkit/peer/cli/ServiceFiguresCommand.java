// p2pkit service figures: what the services of a peer have done and used up.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Asks a running peer of this machine. */
@Command(
    name = "figures",
    description =
        "Shows what each service of a peer of this machine has done and used up: turns, processor"
            + " time, memory, mailbox, state, dead letters.")
final class ServiceFiguresCommand extends KitCommand {
  @Mixin RunningPeer peer = new RunningPeer();

  @Override
  public Integer call() throws JsonProcessingException {
    JsonNode answer = peer.ask("figures all");
    if (json) {
      output().json(answer);
      return Main.DONE;
    }
    Table table = FiguresView.table("SERVICE");
    for (JsonNode one : answer.path("services")) {
      FiguresView.row(table, one.path("service").asText(), one);
    }
    table.print(output());
    return Main.DONE;
  }

  /** The peer's answer: JSON in one line. */
  static String answer(Peer peer) {
    ObjectNode all = Output.object().put("peer", peer.peerId().toString());
    all.set("services", FiguresView.json(peer.serviceFigures()));
    return all.toString();
  }
}
