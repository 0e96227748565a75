// The frames of leases.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Admit;
import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Before;
import dev.p2pkit.overlay.lease.LeaseMessage.Circle;
import dev.p2pkit.overlay.lease.LeaseMessage.CircleClosed;
import dev.p2pkit.overlay.lease.LeaseMessage.Declined;
import dev.p2pkit.overlay.lease.LeaseMessage.Memory;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryPart;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryTaken;
import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.LeaseMessage.Renewed;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/** The frames of leases, types {@link FrameTypes#LEASE} and up. */
public final class LeaseCodec implements WireCodec {
  private static final int RENEW = FrameTypes.LEASE;
  private static final int RENEWED = FrameTypes.LEASE + 1;
  private static final int ASK = FrameTypes.LEASE + 2;
  private static final int ADMIT = FrameTypes.LEASE + 3;
  private static final int CIRCLE = FrameTypes.LEASE + 4;
  private static final int CIRCLE_CLOSED = FrameTypes.LEASE + 5;
  private static final int MEMORY_PART = FrameTypes.LEASE + 6;
  private static final int MEMORY_TAKEN = FrameTypes.LEASE + 7;
  private static final int DECLINED = FrameTypes.LEASE + 8;

  /** The longest time that one peer may make another wait, in microseconds: an hour. */
  private static final long LONGEST = 3_600_000_000L;

  /**
   * Whether frames of this type carry what an arc's new holder is to remember: as much as programs
   * have sent, once for each arc that changes hands.
   */
  public static boolean carriesMemory(int type) {
    return type == ADMIT || type == MEMORY_PART;
  }

  @Override
  public int firstType() {
    return FrameTypes.LEASE;
  }

  @Override
  public int lastType() {
    return FrameTypes.LEASE + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof LeaseMessage;
  }

  @Override
  public Channel channelOf(int type) {
    return type == MEMORY_PART ? Channel.BULK : Channel.CONTROL;
  }

  @Override
  public int typeOf(WireMessage message) {
    if (message instanceof Renew) {
      return RENEW;
    } else if (message instanceof Renewed) {
      return RENEWED;
    } else if (message instanceof Ask) {
      return ASK;
    } else if (message instanceof Admit) {
      return ADMIT;
    } else if (message instanceof Circle) {
      return CIRCLE;
    } else if (message instanceof CircleClosed) {
      return CIRCLE_CLOSED;
    } else if (message instanceof MemoryPart) {
      return MEMORY_PART;
    } else if (message instanceof MemoryTaken) {
      return MEMORY_TAKEN;
    } else if (message instanceof Declined) {
      return DECLINED;
    }
    throw new IllegalArgumentException("no message about leases: " + message);
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Renew m) {
      m.renewal().write(out);
    } else if (message instanceof Renewed m) {
      m.answer().write(out);
    } else if (message instanceof Admit m) {
      out.i64(m.sentAt());
      write(out, m.arc());
    } else if (message instanceof Circle m) {
      out.peer(m.initiator()).i64(m.round()).u8(m.hops()).bool(m.longLapsed());
      m.renewal().write(out);
    } else if (message instanceof CircleClosed m) {
      out.i64(m.round());
    } else if (message instanceof MemoryPart m) {
      out.i64(m.copy()).i32(m.number()).peer(m.lo()).peer(m.hi()).bytes(m.bytes());
    } else if (message instanceof MemoryTaken m) {
      out.i64(m.copy()).i32(m.parts()).bool(m.refused());
    } else if (message instanceof Declined m) {
      out.i64(m.upTo());
    }
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case RENEW -> new Renew(Renewal.read(in));
      case RENEWED -> new Renewed(RenewalAnswer.read(in));
      case ASK -> new Ask();
      case ADMIT -> {
        long sentAt = in.i64();
        yield new Admit(sentAt, readArc(in));
      }
      case CIRCLE -> {
        PeerId initiator = in.peer();
        long round = in.i64();
        int hops = in.u8();
        if (hops < 1 || hops > LeaseConfig.MOST_HOPS) {
          throw new WireException("a circle does not go through " + hops + " peers");
        }
        boolean longLapsed = in.bool();
        yield new Circle(initiator, round, hops, longLapsed, Renewal.read(in));
      }
      case CIRCLE_CLOSED -> new CircleClosed(in.i64());
      case MEMORY_PART -> {
        long copy = copy(in, 1);
        int number = parts(in);
        PeerId lo = in.peer();
        PeerId hi = in.peer();
        yield new MemoryPart(copy, number, lo, hi, in.bytes(Copying.PART));
      }
      case MEMORY_TAKEN -> {
        long copy = copy(in, 1);
        int parts = parts(in);
        yield new MemoryTaken(copy, parts, in.bool());
      }
      case DECLINED -> new Declined(in.i64());
      default -> throw new WireException("unknown message about leases, type " + type);
    };
  }

  /** Writes an arc that goes to another peer. */
  public static void write(WireWriter out, Arc arc) {
    Before before = arc.before();
    out.peer(arc.lo()).i64(arc.epoch()).i64(before.incarnation()).bool(before.lo().isPresent());
    before.lo().ifPresent(out::peer);
    out.i64(Math.min(LONGEST, before.remaining())).i64(before.epoch()).i64(before.required());
    out.i64(before.beforeEpoch()).i64(before.beforeRequired());
    out.i64(arc.time()).i64(Math.min(LONGEST, arc.heldFor())).bool(arc.memory().isPresent());
    arc.memory()
        .ifPresent(memory -> out.i64(memory.copy()).i32(memory.ahead()).bytes(memory.bytes()));
  }

  /** Reads an arc that goes to another peer. */
  public static Arc readArc(WireReader in) {
    PeerId lo = in.peer();
    long epoch = Renewal.epoch(in);
    long incarnation = in.i64();
    Optional<PeerId> its = in.bool() ? Optional.of(in.peer()) : Optional.empty();
    long remaining = span(in);
    Before before =
        new Before(
            incarnation,
            its,
            remaining,
            Renewal.epoch(in),
            Renewal.epoch(in),
            Renewal.epoch(in),
            Renewal.epoch(in));
    long time = Renewal.epoch(in);
    long heldFor = span(in);
    Optional<Memory> memory = in.bool() ? Optional.of(readMemory(in)) : Optional.empty();
    return new Arc(lo, epoch, before, time, heldFor, memory);
  }

  private static Memory readMemory(WireReader in) {
    long copy = copy(in, 0);
    int ahead = parts(in);
    return new Memory(copy, ahead, in.bytes(LeaseConfig.MOST_MEMORY));
  }

  private static long copy(WireReader in, long least) {
    long number = in.i64();
    if (number < least) {
      throw new WireException("the number of a copy is not " + number);
    }
    return number;
  }

  private static int parts(WireReader in) {
    int parts = in.i32();
    if (parts < 0) {
      throw new WireException("a copy does not have " + parts + " parts");
    }
    return parts;
  }

  private static long span(WireReader in) {
    long span = in.i64();
    if (span < 0 || span > LONGEST) {
      throw new WireException("a time of " + span + " µs is out of range");
    }
    return span;
  }
}
