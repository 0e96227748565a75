// What the demo prints at its end, as a table and as JSON.
package dev.p2pkit.peer.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The result of a demo.
 *
 * @param verdict what calls and journals say
 * @param upgradeMillis how long the upgrade took on each peer
 * @param reached how many peers the broadcast reached
 * @param peers the live peers at the end
 * @param complaints the conditions that were not met
 */
record DemoReport(
    Verdict verdict,
    Map<PeerId, Long> upgradeMillis,
    int reached,
    List<PeerLine> peers,
    List<String> complaints) {

  /**
   * A live peer at the end.
   *
   * @param count what its counter says
   * @param journal how many messages it has written down
   */
  record PeerLine(PeerId peer, int version, long count, long journal) {}

  boolean passed() {
    return complaints.isEmpty();
  }

  ObjectNode json() {
    ObjectNode object =
        Output.object()
            .put("calls", verdict.calls())
            .put("acknowledged", verdict.acknowledged())
            .put("failed", verdict.failed())
            .put("lost", verdict.lost())
            .put("doubled", verdict.doubled());
    ObjectNode upgrades = object.putObject("upgradeMillis");
    new TreeMap<>(upgradeMillis).forEach((peer, millis) -> upgrades.put(peer.toString(), millis));
    put(object, "recoveryMillis", verdict.recoveryMillis());
    put(object, "allRecoveredMillis", verdict.allRecoveredMillis());
    object.put("reached", reached);
    object.put("peers", peers.size());
    ObjectNode failures = object.putObject("failures");
    new TreeMap<>(verdict.failures()).forEach((code, count) -> failures.put(code.name(), count));
    object.put("failedOutside", verdict.failedOutside());
    object.put("outdated", verdict.outdated());
    ArrayNode ring = object.putArray("ring");
    for (PeerLine peer : peers) {
      ring.addObject()
          .put("peerId", peer.peer().toString())
          .put("version", peer.version())
          .put("count", peer.count())
          .put("journal", peer.journal());
    }
    ArrayNode open = object.putArray("complaints");
    complaints.forEach(open::add);
    return object.put("passed", passed());
  }

  private static void put(ObjectNode object, String name, OptionalLong value) {
    if (value.isPresent()) {
      object.put(name, value.getAsLong());
    } else {
      object.putNull(name);
    }
  }

  void print(Output output) {
    output.line("");
    new Table("calls", number(verdict.calls()))
        .row("acknowledged", number(verdict.acknowledged()))
        .row("failed", number(verdict.failed()) + codes(verdict.failures()))
        .row("lost", number(verdict.lost()))
        .row("processed twice", number(verdict.doubled()))
        .row("upgrade, by peer", millis())
        .row("recovery after the kill", recovery())
        .row("broadcast reached", reached + " of " + peers.size() + " peers")
        .print(output);
    output.line("");
    Table table = new Table("PEER", "VERSION", "COUNT", "MESSAGES IN ITS FILE");
    for (PeerLine peer : peers) {
      table.row(
          peer.peer().toString(),
          Integer.toString(peer.version()),
          number(peer.count()),
          number(peer.journal()));
    }
    table.print(output);
    output.line("");
    if (passed()) {
      output.line("no message was lost or processed twice, and every peer runs version 2");
    } else {
      complaints.forEach(complaint -> output.line("NOT AS PROMISED: " + complaint));
    }
  }

  private String millis() {
    return new TreeMap<>(upgradeMillis)
        .entrySet().stream()
            .map(entry -> entry.getKey().shortText() + " " + entry.getValue() + " ms")
            .collect(Collectors.joining(", "));
  }

  private String recovery() {
    return verdict.allRecoveredMillis().isEmpty()
        ? "not within the run"
        : verdict.recoveryMillis().orElse(0)
            + " ms to the first successful call for the dead peer's keys, "
            + verdict.allRecoveredMillis().getAsLong()
            + " ms until every client had one";
  }

  private static String codes(Map<ErrorCode, Long> failures) {
    return failures.isEmpty()
        ? ""
        : new TreeMap<>(failures)
            .entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ", " (", ")"));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
