// How figures of services are shown: as JSON and as a table.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.ServiceFigures;
import java.util.ArrayList;
import java.util.List;

/** Shows {@link ServiceFigures}. */
final class FiguresView {
  private static final List<String> COLUMNS =
      List.of(
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
          "SLOWED",
          "LOADERS");

  private FiguresView() {}

  static ObjectNode json(ServiceFigures one) {
    return Output.object()
        .put("service", one.name() + "/" + one.instance())
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
        .put("slowed", one.slowed())
        .put("liveLoaders", one.liveLoaders())
        .put("leakedLoaders", one.leakedLoaders());
  }

  static ArrayNode json(List<ServiceFigures> all) {
    ArrayNode array = Output.array();
    all.forEach(one -> array.add(json(one)));
    return array;
  }

  /** A table whose rows begin with something else, a service or a peer. */
  static Table table(String first) {
    List<String> columns = new ArrayList<>(List.of(first));
    columns.addAll(COLUMNS);
    return new Table(columns.toArray(String[]::new));
  }

  /** Adds a row to such a table. */
  static void row(Table table, String first, JsonNode one) {
    long leaked = one.path("leakedLoaders").asLong();
    table.row(
        first,
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
        one.path("slowed").asText(),
        one.path("liveLoaders").asText() + (leaked == 0 ? "" : " (" + leaked + " leaked)"));
  }
}
