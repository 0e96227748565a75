// Peer information, service states and reports on the wire.
package dev.p2pkit.client.session;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Writes and reads what peers report. Lists are cut to their bound when written and refused above
 * it when read. Enums travel by name, so that a version with more of them is refused, not misread.
 */
public final class ReportWire {
  /** The most peers that one list names. */
  static final int MAX_PEERS = 8_192;

  private static final int MAX_TEXT = 1_024;
  private static final int MAX_LISTED = 1_024;
  private static final int MAX_ARCS = 64;

  /** Three empty texts, eleven long and three short numbers. */
  private static final int LEAST_FIGURES = 3 * 2 + 11 * Long.BYTES + 3 * Integer.BYTES;

  private ReportWire() {}

  /** Writes a peer's information. */
  public static void write(PeerInfo info, WireWriter out) {
    out.peer(info.peer()).text(text(info.host())).u16(info.port()).peer(info.predecessor());
    list(info.successors(), MAX_LISTED, out, (peer, o) -> o.peer(peer));
    list(info.clients(), MAX_LISTED, out, (key, o) -> o.key(key));
    list(info.services(), MAX_LISTED, out, (name, o) -> o.text(text(name)));
    list(info.figures(), MAX_LISTED, out, ReportWire::write);
    list(
        info.labels().entrySet(),
        MAX_LISTED,
        out,
        (entry, o) -> o.text(text(entry.getKey())).text(text(entry.getValue())));
    PeerInfo.Statistics counters = info.statistics();
    out.bool(counters.useProxy())
        .i64(counters.dataMessagesLocal())
        .i64(counters.dataMessagesRemote())
        .i64(counters.controlMessagesLocal())
        .i64(counters.controlMessagesRemote())
        .i64(counters.applicationMessages())
        .i64(counters.tableChanges())
        .i64(counters.successorChanges())
        .i64(counters.predecessorChanges())
        .i32(counters.clients())
        .i32(counters.outLinks())
        .i32(counters.inLinks());
    list(
        counters.dropped().entrySet(),
        MAX_LISTED,
        out,
        (entry, o) -> o.text(text(entry.getKey())).i64(entry.getValue()));
  }

  /** Reads a peer's information. */
  public static PeerInfo readInfo(WireReader in) {
    return new PeerInfo(
        in.peer(),
        in.text(MAX_TEXT),
        in.u16(),
        in.peer(),
        list(in, MAX_LISTED, Key.BYTES, WireReader::peer),
        list(in, MAX_LISTED, Key.BYTES, WireReader::key),
        list(in, MAX_LISTED, 2, reader -> reader.text(MAX_TEXT)),
        list(in, MAX_LISTED, LEAST_FIGURES, ReportWire::readFigures),
        readLabels(in),
        new PeerInfo.Statistics(
            in.bool(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i64(),
            in.i32(),
            in.i32(),
            in.i32(),
            readCounters(in)));
  }

  private static Map<String, String> readLabels(WireReader in) {
    int count = in.count(MAX_LISTED, 4);
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      labels.put(in.text(MAX_TEXT), in.text(MAX_TEXT));
    }
    return labels;
  }

  private static Map<String, Long> readCounters(WireReader in) {
    int count = in.count(MAX_LISTED, 10);
    Map<String, Long> counters = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      counters.put(in.text(MAX_TEXT), in.i64());
    }
    return counters;
  }

  private static void write(ServiceFigures figures, WireWriter out) {
    out.text(text(figures.name()))
        .text(text(figures.instance()))
        .text(text(figures.version()))
        .i64(figures.turns())
        .i64(figures.failed())
        .i64(figures.meanMicros())
        .i64(figures.p99Micros())
        .i64(figures.cpuMicros())
        .i64(figures.allocatedBytes())
        .i64(figures.sent())
        .i32(figures.mailboxMessages())
        .i64(figures.mailboxBytes())
        .i64(figures.stateBytes())
        .i64(figures.deadLetters())
        .i64(figures.slowed())
        .i32(figures.liveLoaders())
        .i32(figures.leakedLoaders());
  }

  private static ServiceFigures readFigures(WireReader in) {
    return new ServiceFigures(
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i32(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i32(),
        in.i32());
  }

  /** Writes a service's state. */
  public static void write(ServiceStatus status, WireWriter out) {
    out.text(text(status.name()))
        .text(text(status.instance()))
        .i64(status.epoch())
        .text(text(status.version()))
        .text(text(status.archive()))
        .text(text(status.owner()))
        .bool(status.upgradeable())
        .bool(status.sharable());
    list(status.peers(), MAX_PEERS, out, ReportWire::write);
  }

  /** Reads a service's state. */
  public static ServiceStatus readStatus(WireReader in) {
    return new ServiceStatus(
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.i64(),
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.bool(),
        in.bool(),
        list(in, MAX_PEERS, Key.BYTES + 2, ReportWire::readOnPeer));
  }

  /** Writes what one peer runs. */
  public static void write(ServiceStatus.OnPeer on, WireWriter out) {
    out.peer(on.peer())
        .text(on.phase().name())
        .i64(on.epoch())
        .text(text(on.version()))
        .text(text(on.archive()))
        .i64(on.millis())
        .text(text(on.detail()))
        .i64(on.registry());
  }

  /** Reads what one peer runs. */
  public static ServiceStatus.OnPeer readOnPeer(WireReader in) {
    return new ServiceStatus.OnPeer(
        in.peer(),
        constant(ServiceStatus.Phase.class, in),
        in.i64(),
        in.text(MAX_TEXT),
        in.text(MAX_TEXT),
        in.i64(),
        in.text(MAX_TEXT),
        in.i64());
  }

  /** Writes what an install did. */
  public static void write(UpdateReport report, WireWriter out) {
    out.text(text(report.name())).i64(report.epoch());
    list(report.peers(), MAX_PEERS, out, ReportWire::write);
    list(report.missing(), MAX_PEERS, out, (peer, o) -> o.peer(peer));
  }

  /** Reads what an install did. */
  public static UpdateReport readUpdate(WireReader in) {
    return new UpdateReport(
        in.text(MAX_TEXT),
        in.i64(),
        list(in, MAX_PEERS, Key.BYTES + 2, ReportWire::readOnPeer),
        list(in, MAX_PEERS, Key.BYTES, WireReader::peer));
  }

  /** Writes whom a broadcast reached. */
  public static void write(BroadcastReport report, WireWriter out) {
    out.i32(report.reached());
    list(report.peers(), MAX_LISTED, out, (peer, o) -> o.peer(peer));
    list(
        report.refused().entrySet(),
        MAX_LISTED,
        out,
        (entry, o) -> o.peer(entry.getKey()).text(entry.getValue().name()));
    list(report.missed(), MAX_ARCS, out, (arc, o) -> o.key(arc.after()).key(arc.upTo()));
    out.bool(report.more());
    list(report.repaired(), MAX_LISTED, out, (peer, o) -> o.peer(peer));
    out.i64(report.duration().toNanos());
  }

  /** Reads whom a broadcast reached. */
  public static BroadcastReport readBroadcast(WireReader in) {
    int reached = in.i32();
    List<PeerId> peers = list(in, MAX_LISTED, Key.BYTES, WireReader::peer);
    int count = in.count(MAX_LISTED, Key.BYTES + 2);
    Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      refused.put(in.peer(), constant(ErrorCode.class, in));
    }
    return new BroadcastReport(
        reached,
        new LinkedHashSet<>(peers),
        refused,
        list(
            in,
            MAX_ARCS,
            2 * Key.BYTES,
            reader -> new BroadcastReport.Arc(reader.key(), reader.key())),
        in.bool(),
        new LinkedHashSet<>(list(in, MAX_LISTED, Key.BYTES, WireReader::peer)),
        Duration.ofNanos(in.i64()));
  }

  static <E extends Enum<E>> E constant(Class<E> type, WireReader in) {
    String name = in.text(64);
    try {
      return Enum.valueOf(type, name);
    } catch (IllegalArgumentException e) {
      throw new WireException(
          "this version knows no " + type.getSimpleName() + " of the name that came");
    }
  }

  static <T> void list(
      Collection<T> items, int most, WireWriter out, BiConsumer<T, WireWriter> write) {
    int count = Math.min(items.size(), most);
    out.i32(count);
    items.stream().limit(count).forEach(item -> write.accept(item, out));
  }

  static <T> List<T> list(WireReader in, int most, int least, Function<WireReader, T> read) {
    int count = in.count(most, least);
    List<T> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(read.apply(in));
    }
    return items;
  }

  private static String text(String text) {
    return MessageWire.cut(text, MAX_TEXT);
  }
}
