// How a service is shown: as JSON and as a table.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.util.List;

/** Shows what runs where. */
final class ServiceView {
  private ServiceView() {}

  static ObjectNode json(ServiceStatus status) {
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
    object.set("peers", peers(status.peers()));
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
          .put("millis", peer.millis())
          .put("detail", peer.detail());
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
    print(status.peers(), output);
  }

  static void print(UpdateReport report, Output output) {
    output.line(report.name() + " is at epoch " + report.epoch());
    print(report.peers(), output);
    for (PeerId peer : report.missing()) {
      output.line("no report from " + peer + "; it catches up when it can be reached");
    }
  }

  private static void print(List<ServiceStatus.OnPeer> peers, Output output) {
    Table table = new Table("PEER", "PHASE", "EPOCH", "VERSION", "MILLIS", "DETAIL");
    for (ServiceStatus.OnPeer peer : peers) {
      table.row(
          peer.peer().toString(),
          peer.phase().name(),
          Long.toString(peer.epoch()),
          peer.version(),
          Long.toString(peer.millis()),
          peer.detail());
    }
    table.print(output);
  }
}
