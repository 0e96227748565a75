// How a service is shown: as JSON and as a table.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows what runs where. */
final class ServiceView {
  private ServiceView() {}

  static ObjectNode json(ServiceStatus status) {
    return json(status, Map.of());
  }

  /** With the figures of each peer that has told them. */
  static ObjectNode json(ServiceStatus status, Map<PeerId, ServiceFigures> figures) {
    ObjectNode object =
        Output.object()
            .put("name", status.name())
            .put("instance", status.instance())
            .put("epoch", status.epoch())
            .put("version", status.version())
            .put("archive", status.archive())
            .put("owner", status.owner())
            .put("upgradeable", status.upgradeable())
            .put("sharable", status.sharable());
    ArrayNode peers = peers(status.peers());
    for (int i = 0; i < peers.size(); i++) {
      ServiceFigures told = figures.get(status.peers().get(i).peer());
      if (told != null) {
        ((ObjectNode) peers.get(i)).set("figures", FiguresView.json(told));
      }
    }
    object.set("peers", peers);
    return object;
  }

  static ObjectNode json(UpdateReport report) {
    ObjectNode object = Output.object().put("name", report.name()).put("epoch", report.epoch());
    object.set("peers", peers(report.peers()));
    ArrayNode missing = Output.array();
    report.missing().forEach(peer -> missing.add(peer.toString()));
    object.set("missing", missing);
    return object;
  }

  private static ArrayNode peers(List<ServiceStatus.OnPeer> peers) {
    ArrayNode array = Output.array();
    for (ServiceStatus.OnPeer peer : peers) {
      array
          .addObject()
          .put("peer", peer.peer().toString())
          .put("phase", peer.phase().name())
          .put("epoch", peer.epoch())
          .put("version", peer.version())
          .put("archive", peer.archive())
          .put("millis", peer.millis())
          .put("detail", peer.detail())
          .put("registry", registry(peer.registry()));
    }
    return array;
  }

  static void print(ServiceStatus status, Output output) {
    output.line(
        status.name()
            + "/"
            + status.instance()
            + " version "
            + status.version()
            + ", epoch "
            + status.epoch()
            + ", owner "
            + status.owner()
            + (status.upgradeable() ? "" : ", sealed")
            + (status.sharable() ? "" : ", private"));
    if (!status.peers().isEmpty()) {
      output.line(counts(status.peers()).substring(2));
    }
    print(status.peers(), output);
  }

  /** The figures of each peer, below the status. */
  static void print(ServiceStatus status, Map<PeerId, ServiceFigures> figures, Output output) {
    Table table = FiguresView.table("PEER");
    for (ServiceStatus.OnPeer on : status.peers()) {
      ServiceFigures told = figures.get(on.peer());
      if (told == null) {
        output.line("no figures from " + on.peer());
      } else {
        FiguresView.row(table, on.peer().toString(), FiguresView.json(told));
      }
    }
    table.print(output);
  }

  /** How many peers are in each phase, after a comma; nothing if there are no peers. */
  private static String counts(List<ServiceStatus.OnPeer> peers) {
    Map<ServiceStatus.Phase, Long> counts = new EnumMap<>(ServiceStatus.Phase.class);
    peers.forEach(peer -> counts.merge(peer.phase(), 1L, Long::sum));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", ", peers.isEmpty() ? "" : ", ", ""));
  }

  static String shortHash(String hash) {
    return hash.substring(0, Math.min(12, hash.length()));
  }

  private static String registry(long digest) {
    return digest == 0 ? "" : HexFormat.of().toHexDigits(digest);
  }

  /** The digest that most peers have: whose differs does not know the same records. */
  private static long commonDigest(List<ServiceStatus.OnPeer> peers) {
    Map<Long, Long> counts = new HashMap<>();
    peers.forEach(peer -> counts.merge(peer.registry(), 1L, Long::sum));
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(0L);
  }

  static void print(UpdateReport report, Output output) {
    output.line(report.name() + " is at epoch " + report.epoch() + counts(report.peers()));
    print(report.peers(), output);
    for (PeerId peer : report.missing()) {
      output.line("no report from " + peer + "; it catches up when it can be reached");
    }
  }

  private static void print(List<ServiceStatus.OnPeer> peers, Output output) {
    long common = commonDigest(peers);
    Table table =
        new Table("PEER", "PHASE", "EPOCH", "VERSION", "ARCHIVE", "REGISTRY", "MILLIS", "DETAIL");
    for (ServiceStatus.OnPeer peer : peers) {
      table.row(
          peer.peer().toString(),
          peer.phase().name(),
          Long.toString(peer.epoch()),
          peer.version(),
          shortHash(peer.archive()),
          registry(peer.registry()) + (peer.registry() == common ? "" : " differs"),
          Long.toString(peer.millis()),
          peer.detail());
    }
    table.print(output);
  }
}
