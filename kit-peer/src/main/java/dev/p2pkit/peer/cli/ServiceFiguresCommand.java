// p2pkit service figures: what the services of a peer have done and used up.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.peer.service.ServiceFigures;
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
    Table table =
        new Table(
            "SERVICE",
            "VERSION",
            "TURNS",
            "FAILED",
            "MEAN-US",
            "P99-US",
            "CPU-MS",
            "ALLOCATED",
            "SENT",
            "MAILBOX",
            "STATE",
            "DEAD",
            "SLOWED");
    for (JsonNode one : answer.path("services")) {
      table.row(
          one.path("service").asText(),
          one.path("version").asText(),
          one.path("turns").asText(),
          one.path("failed").asText(),
          one.path("meanMicros").asText(),
          one.path("p99Micros").asText(),
          Long.toString(one.path("cpuMicros").asLong() / 1_000),
          one.path("allocatedBytes").asText(),
          one.path("sent").asText(),
          one.path("mailboxMessages").asText(),
          one.path("stateBytes").asText(),
          one.path("deadLetters").asText(),
          one.path("slowed").asText());
    }
    table.print(output());
    return Main.DONE;
  }

  /** The peer's answer: JSON in one line. */
  static String answer(Peer peer) {
    ArrayNode services = Output.array();
    for (ServiceFigures one : peer.serviceFigures()) {
      services.add(
          Output.object()
              .put("service", one.service().toString())
              .put("version", one.version())
              .put("turns", one.turns())
              .put("failed", one.failed())
              .put("meanMicros", one.meanMicros())
              .put("p99Micros", one.p99Micros())
              .put("cpuMicros", one.cpuMicros())
              .put("allocatedBytes", one.allocatedBytes())
              .put("sent", one.sent())
              .put("mailboxMessages", one.mailboxMessages())
              .put("mailboxBytes", one.mailboxBytes())
              .put("stateBytes", one.stateBytes())
              .put("deadLetters", one.deadLetters())
              .put("slowed", one.slowed()));
    }
    ObjectNode all = Output.object().put("peer", peer.peerId().toString());
    all.set("services", services);
    return all.toString();
  }
}
