// How a peer is shown: as JSON and in parts for tables.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerInfo;
import java.math.BigInteger;
import java.util.Locale;
import java.util.TreeMap;

/** Shows a {@link PeerInfo}. */
final class PeerView {
  private static final double WHOLE_RING = Math.pow(2, 128);

  private PeerView() {}

  static String address(PeerInfo info) {
    return (info.host().indexOf(':') >= 0 ? "[" + info.host() + "]" : info.host())
        + ":"
        + info.port();
  }

  /** How much of the ring the peer owns, in percent. */
  static String share(PeerInfo info) {
    Key length = info.predecessor().position().distanceTo(info.peer().position());
    double part =
        length.equals(Key.ZERO)
            ? 1
            : new BigInteger(1, length.toBytes()).doubleValue() / WHOLE_RING;
    return String.format(Locale.ROOT, "%.1f %%", part * 100);
  }

  static ObjectNode json(PeerInfo info) {
    ArrayNode successors = Output.array();
    info.successors().forEach(peer -> successors.add(peer.toString()));
    ArrayNode clients = Output.array();
    info.clients().forEach(session -> clients.add(session.toString()));
    ArrayNode services = Output.array();
    info.services().forEach(services::add);
    ObjectNode object =
        Output.object()
            .put("peerId", info.peer().toString())
            .put("address", address(info))
            .put("predecessor", info.predecessor().toString());
    object.set("successors", successors);
    object.set("clients", clients);
    object.set("services", services);
    object.set("figures", FiguresView.json(info.figures()));
    ObjectNode labels = Output.object();
    info.labels().forEach(labels::put);
    object.set("labels", labels);
    object.set("statistics", statistics(info.statistics()));
    return object;
  }

  static ObjectNode statistics(PeerInfo.Statistics counters) {
    ObjectNode object =
        Output.object()
            .put("useProxy", counters.useProxy())
            .put("dataMessagesLocal", counters.dataMessagesLocal())
            .put("dataMessagesRemote", counters.dataMessagesRemote())
            .put("controlMessagesLocal", counters.controlMessagesLocal())
            .put("controlMessagesRemote", counters.controlMessagesRemote())
            .put("applicationMessages", counters.applicationMessages())
            .put("tableChanges", counters.tableChanges())
            .put("successorChanges", counters.successorChanges())
            .put("predecessorChanges", counters.predecessorChanges())
            .put("clients", counters.clients())
            .put("outLinks", counters.outLinks())
            .put("inLinks", counters.inLinks());
    ObjectNode dropped = Output.object();
    new TreeMap<>(counters.dropped()).forEach(dropped::put);
    object.set("dropped", dropped);
    return object;
  }
}
