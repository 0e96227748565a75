// The broadcast's messages as frames.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repaired;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Seen;
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
import java.util.Optional;

/**
 * Frame types {@link FrameTypes#BROADCAST} and the 15 after it. Contents travel with requests,
 * those of topic 0 (the ring itself) before them and parts of long payloads behind them; answers
 * and lists are control.
 */
public final class BroadcastCodec implements WireCodec {
  private static final int TASK = FrameTypes.BROADCAST;
  private static final int URGENT_TASK = FrameTypes.BROADCAST + 1;
  private static final int WORKING = FrameTypes.BROADCAST + 2;
  private static final int DONE = FrameTypes.BROADCAST + 3;
  private static final int BULK_TASK = FrameTypes.BROADCAST + 4;
  private static final int DECLINED = FrameTypes.BROADCAST + 5;
  private static final int RECENT = FrameTypes.BROADCAST + 6;
  private static final int PULL = FrameTypes.BROADCAST + 7;
  private static final int REPAIR = FrameTypes.BROADCAST + 8;
  private static final int BULK_REPAIR = FrameTypes.BROADCAST + 9;
  private static final int REPAIRED = FrameTypes.BROADCAST + 10;

  private static final int ID_BYTES = Key.BYTES + 8;

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
      return task.content().isPlain() ? URGENT_TASK : task.content().isPart() ? BULK_TASK : TASK;
    } else if (known instanceof Repair repair) {
      return repair.content().isPart() ? BULK_REPAIR : REPAIR;
    } else if (known instanceof Working) {
      return WORKING;
    } else if (known instanceof Done) {
      return DONE;
    } else if (known instanceof Declined) {
      return DECLINED;
    } else if (known instanceof Repaired) {
      return REPAIRED;
    }
    return known instanceof Recent ? RECENT : PULL;
  }

  @Override
  public Channel channelOf(int type) {
    return switch (type) {
      case TASK, REPAIR -> Channel.REQUEST;
      case BULK_TASK, BULK_REPAIR -> Channel.BULK;
      default -> Channel.CONTROL;
    };
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    BroadcastMessage known = (BroadcastMessage) message;
    if (known instanceof Task task) {
      arc(task.interval(), out);
      out.i64(task.remaining());
      content(task.content(), out);
    } else if (known instanceof Repair repair) {
      content(repair.content(), out);
    } else if (known instanceof Working working) {
      id(working.id(), out);
      arc(working.interval(), out);
    } else if (known instanceof Done done) {
      id(done.id(), out);
      arc(done.interval(), out);
      tally(done.tally(), out);
    } else if (known instanceof Declined declined) {
      id(declined.id(), out);
      arc(declined.interval(), out);
      out.bool(declined.refusal().isPresent());
      declined.refusal().ifPresent(out::errorCode);
    } else if (known instanceof Recent recent) {
      out.bool(recent.answer()).i32(recent.seen().size());
      recent.seen().forEach(seen -> id(seen.id(), out).i64(seen.age()));
    } else if (known instanceof Pull pull) {
      out.i32(pull.ids().size());
      pull.ids().forEach(id -> id(id, out));
    } else if (known instanceof Repaired repaired) {
      id(repaired.id(), out);
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case TASK, URGENT_TASK, BULK_TASK -> task(type, in);
      case REPAIR, BULK_REPAIR -> repair(type, in);
      case WORKING -> new Working(id(in), arc(in));
      case DONE -> new Done(id(in), arc(in), tally(in));
      case DECLINED ->
          new Declined(
              id(in),
              arc(in),
              in.bool() ? Optional.of(in.errorCode(ErrorCode.PROTOCOL_ERROR)) : Optional.empty());
      case RECENT -> recent(in);
      case PULL -> pull(in);
      case REPAIRED -> new Repaired(id(in));
      default -> throw new WireException("no broadcast message has the type " + type);
    };
  }

  private Task task(int type, WireReader in) {
    Arc interval = arc(in);
    long remaining = in.i64();
    if (remaining < 0) {
      throw new WireException("a broadcast is over before it begins");
    }
    Task task = new Task(content(in), interval, remaining);
    if (typeOf(task) != type) {
      throw new WireException("a broadcast came as frame type " + type);
    }
    return task;
  }

  private Repair repair(int type, WireReader in) {
    Repair repair = new Repair(content(in));
    if (typeOf(repair) != type || repair.content().isPlain()) {
      throw new WireException("a repaired broadcast came as frame type " + type);
    }
    return repair;
  }

  private static Recent recent(WireReader in) {
    boolean answer = in.bool();
    int count = in.count(BroadcastConfig.MAX_LISTED, ID_BYTES + 8);
    List<Seen> seen = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      BroadcastId id = id(in);
      long age = in.i64();
      if (age < 0) {
        throw new WireException("a broadcast was not seen in the future");
      }
      seen.add(new Seen(id, age));
    }
    return new Recent(seen, answer);
  }

  private static Pull pull(WireReader in) {
    int count = in.count(BroadcastConfig.MAX_PULLED, ID_BYTES);
    List<BroadcastId> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(id(in));
    }
    return new Pull(ids);
  }

  private static void content(Content content, WireWriter out) {
    out.ref(content.origin).i64(content.id.sequence()).i64(content.lowest);
    if (content.namesEarlier()) {
      out.i64(content.earlier);
    }
    out.u8(content.topic).u16(content.part).u16(content.parts);
    out.bytes(content.seal).bytes(content.payload);
  }

  private static Content content(WireReader in) {
    PeerRef origin = in.ref();
    long sequence = in.i64();
    long lowest = in.i64();
    long earlier = Content.namesEarlier(origin, sequence, lowest) ? in.i64() : 0;
    int topic = in.u8();
    int part = in.u16();
    int parts = in.u16();
    byte[] seal = in.bytes(BroadcastSeals.MAX_BYTES);
    byte[] payload =
        in.bytes(topic == 0 ? BroadcastConfig.MAX_PAYLOAD : BroadcastConfig.PART_BYTES);
    if ((topic == 0) != (sequence < 0)) {
      throw new WireException("a broadcast of topic " + topic + " has the number " + sequence);
    }
    long base = Content.base(origin);
    if (sequence >= 0 && (sequence <= base || lowest <= 0 || lowest > sequence)) {
      throw new WireException(
          "a broadcast has the number " + sequence + ", lowest " + lowest + ", base " + base);
    }
    if (sequence >= 0 && lowest <= base && (earlier < lowest || earlier > base)) {
      throw new WireException(
          "the last number before the base " + base + " is " + earlier + ", the lowest " + lowest);
    }
    if (parts < 1 || parts > BroadcastConfig.MAX_PARTS || part >= parts) {
      throw new WireException("part " + part + " of " + parts + " does not exist");
    }
    return new Content(origin, sequence, lowest, earlier, topic, part, parts, payload, seal);
  }

  private static WireWriter id(BroadcastId id, WireWriter out) {
    return out.peer(id.origin()).i64(id.sequence());
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
    out.i32(tally.reached()).i64(tally.xor()).i32(tally.peers().size());
    tally.peers().forEach(out::peer);
    out.i32(tally.refusals()).i32(tally.refused().size());
    tally.refused().forEach((peer, code) -> out.peer(peer).errorCode(code));
    out.i32(tally.missed().size());
    tally.missed().forEach(missed -> arc(missed, out));
    out.bool(tally.overflow());
  }

  private static Tally tally(WireReader in) {
    int reached = in.i32();
    long xor = in.i64();
    int listed = in.count(Tally.MAX_PEERS, Key.BYTES);
    List<PeerId> peers = new ArrayList<>(listed);
    for (int i = 0; i < listed; i++) {
      peers.add(in.peer());
    }
    int refusals = in.i32();
    int named = in.count(Tally.MAX_REFUSED, Key.BYTES + 2);
    if (reached < listed || refusals < named) {
      throw new WireException(
          "a broadcast reached "
              + reached
              + " peers and lists "
              + listed
              + ", was refused by "
              + refusals
              + " and lists "
              + named);
    }
    Map<PeerId, ErrorCode> refused = new LinkedHashMap<>();
    for (int i = 0; i < named; i++) {
      PeerId peer = in.peer();
      refused.put(peer, in.errorCode(ErrorCode.PROTOCOL_ERROR));
    }
    int arcs = in.count(Tally.MAX_MISSED, 2 * Key.BYTES);
    List<Arc> missed = new ArrayList<>(arcs);
    for (int i = 0; i < arcs; i++) {
      missed.add(arc(in));
    }
    return new Tally(reached, xor, peers, refusals, refused, missed, in.bool());
  }
}
