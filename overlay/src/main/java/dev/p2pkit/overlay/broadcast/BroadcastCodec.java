// The broadcast's messages as frames.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Working;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Frame types {@link FrameTypes#BROADCAST} and the 15 after it. Tasks travel with requests, except
 * those of topic 0 (membership), which must not wait behind data; answers are control.
 */
public final class BroadcastCodec implements WireCodec {
  private static final int TASK = FrameTypes.BROADCAST;
  private static final int URGENT_TASK = FrameTypes.BROADCAST + 1;
  private static final int WORKING = FrameTypes.BROADCAST + 2;
  private static final int DONE = FrameTypes.BROADCAST + 3;

  private static final ErrorCode[] CODES = ErrorCode.values();

  @Override
  public int firstType() {
    return FrameTypes.BROADCAST;
  }

  @Override
  public int lastType() {
    return FrameTypes.BROADCAST + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof BroadcastMessage;
  }

  @Override
  public int typeOf(WireMessage message) {
    BroadcastMessage known = (BroadcastMessage) message;
    if (known instanceof Task task) {
      return task.topic() == 0 ? URGENT_TASK : TASK;
    }
    return known instanceof Working ? WORKING : DONE;
  }

  @Override
  public Channel channelOf(int type) {
    return type == TASK ? Channel.REQUEST : Channel.CONTROL;
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    BroadcastMessage known = (BroadcastMessage) message;
    if (known instanceof Task task) {
      out.ref(task.origin()).i64(task.sequence()).i64(task.lowestOpen());
      arc(task.interval(), out);
      out.u8(task.topic()).i64(task.remaining()).bytes(task.payload());
    } else if (known instanceof Working working) {
      id(working.id(), out);
      arc(working.interval(), out);
    } else if (known instanceof Done done) {
      id(done.id(), out);
      arc(done.interval(), out);
      tally(done.tally(), out);
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case TASK, URGENT_TASK -> task(type, in);
      case WORKING -> new Working(id(in), arc(in));
      case DONE -> new Done(id(in), arc(in), tally(in));
      default -> throw new WireException("no broadcast message has the type " + type);
    };
  }

  private static Task task(int type, WireReader in) {
    PeerRef origin = in.ref();
    long sequence = in.i64();
    long lowestOpen = in.i64();
    Arc interval = arc(in);
    int topic = in.u8();
    if ((topic == 0) != (type == URGENT_TASK)) {
      throw new WireException("a broadcast of topic " + topic + " came as frame type " + type);
    }
    long remaining = in.i64();
    if (lowestOpen > sequence || remaining < 0) {
      throw new WireException("a broadcast is over before it begins");
    }
    return new Task(
        origin,
        sequence,
        lowestOpen,
        interval,
        topic,
        remaining,
        in.bytes(BroadcastConfig.MAX_PAYLOAD));
  }

  private static void id(BroadcastId id, WireWriter out) {
    out.peer(id.origin()).i64(id.sequence());
  }

  private static BroadcastId id(WireReader in) {
    PeerId origin = in.peer();
    return new BroadcastId(origin, in.i64());
  }

  private static void arc(Arc arc, WireWriter out) {
    out.key(arc.after()).key(arc.upTo());
  }

  private static Arc arc(WireReader in) {
    Key after = in.key();
    return new Arc(after, in.key());
  }

  private static void tally(Tally tally, WireWriter out) {
    out.i32(tally.reached());
    out.i32(tally.peers().size());
    tally.peers().forEach(out::peer);
    out.i32(tally.refused().size());
    tally.refused().forEach((peer, code) -> out.peer(peer).text(code.name()));
    out.i32(tally.missed().size());
    tally.missed().forEach(missed -> arc(missed, out));
  }

  private static Tally tally(WireReader in) {
    int reached = in.i32();
    int listed = in.count(Tally.MAX_PEERS, Key.BYTES);
    if (reached < listed) {
      throw new WireException("a broadcast reached " + reached + " peers but lists " + listed);
    }
    List<PeerId> peers = new ArrayList<>(listed);
    for (int i = 0; i < listed; i++) {
      peers.add(in.peer());
    }
    int refusals = in.count(Tally.MAX_REFUSED, Key.BYTES + 2);
    Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    for (int i = 0; i < refusals; i++) {
      PeerId peer = in.peer();
      refused.put(peer, code(in.text(64)));
    }
    int arcs = in.count(Tally.MAX_MISSED, 2 * Key.BYTES);
    List<Arc> missed = new ArrayList<>(arcs);
    for (int i = 0; i < arcs; i++) {
      missed.add(arc(in));
    }
    return new Tally(reached, peers, refused, missed);
  }

  /** By name, so that a code of a later version is not taken for another. */
  private static ErrorCode code(String name) {
    for (ErrorCode code : CODES) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return ErrorCode.PROTOCOL_ERROR;
  }
}
