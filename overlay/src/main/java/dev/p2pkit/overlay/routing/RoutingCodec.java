// The frames of the data plane.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Hop;
import dev.p2pkit.overlay.routing.RoutingFrame.Knock;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.SettleQuery;
import dev.p2pkit.overlay.routing.RoutingFrame.Settled;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * Encodes the messages of the router. All of them travel on the request channel, so that an answer
 * never overtakes what was sent before it.
 */
public final class RoutingCodec implements WireCodec {
  private static final int MESSAGE = FrameTypes.ROUTING;
  private static final int ANSWER = FrameTypes.ROUTING + 1;
  private static final int QUERY = FrameTypes.ROUTING + 2;
  private static final int HOP = FrameTypes.ROUTING + 3;
  private static final int SETTLE_QUERY = FrameTypes.ROUTING + 4;
  private static final int SETTLED = FrameTypes.ROUTING + 5;
  private static final int KNOCK = FrameTypes.ROUTING + 6;

  private static final int BY_KEY = 1;
  private static final int TRACED = 1 << 1;
  private static final int REPLY_TO = 1 << 2;
  private static final int EPOCH = 1 << 3;

  private static final int HINT = 1;
  private static final int CODE = 1 << 1;

  /** The longest list of open ids in one frame. */
  static final int MAX_OPEN = 256;

  /** A name of 255 characters in UTF-8. */
  private static final int MAX_NAME_BYTES = 3 * Address.MAX_ACCESS_POINT;

  private static final byte[] NONE = new byte[0];
  private static final Verdict[] VERDICTS = Verdict.values();
  private static final Address.Kind[] KINDS = Address.Kind.values();

  @Override
  public int firstType() {
    return FrameTypes.ROUTING;
  }

  @Override
  public int lastType() {
    return FrameTypes.ROUTING + FrameTypes.EACH - 1;
  }

  @Override
  public boolean handles(WireMessage message) {
    return message instanceof RoutingFrame;
  }

  @Override
  public Channel channelOf(int type) {
    return Channel.REQUEST;
  }

  @Override
  public int typeOf(WireMessage message) {
    // By hand, most frequent first: a switch over patterns is not in Java 17.
    if (message instanceof Envelope) {
      return MESSAGE;
    } else if (message instanceof Answer) {
      return ANSWER;
    } else if (message instanceof Query) {
      return QUERY;
    } else if (message instanceof Hop) {
      return HOP;
    } else if (message instanceof SettleQuery) {
      return SETTLE_QUERY;
    } else if (message instanceof Settled) {
      return SETTLED;
    } else if (message instanceof Knock) {
      return KNOCK;
    } else if (message instanceof RoutedFrame routed) {
      return FrameTypes.ROUTING + RoutedCodec.offsetOf(routed);
    }
    throw new IllegalArgumentException("no message of the router: " + message.getClass());
  }

  @Override
  public void encode(WireMessage message, WireWriter out) {
    if (message instanceof Envelope envelope) {
      write(envelope, out);
    } else if (message instanceof Answer answer) {
      write(answer, out);
    } else if (message instanceof Query query) {
      out.peer(query.to()).peer(query.origin()).i64(query.id()).u16(query.attempt());
      out.i64(query.lowestOpen());
    } else if (message instanceof Hop hop) {
      out.peer(hop.owner()).i64(hop.id()).u16(hop.attempt()).bool(hop.passed());
    } else if (message instanceof Settled settled) {
      write(settled, out);
    } else if (message instanceof RoutedFrame routed) {
      RoutedCodec.write(routed, out);
    }
  }

  static void write(Envelope envelope, WireWriter out) {
    int shape =
        (envelope.byKey() ? BY_KEY : 0)
            | (envelope.trace().length > 0 ? TRACED : 0)
            | (envelope.replyTo().isPresent() ? REPLY_TO : 0)
            | (envelope.serviceEpoch() != 0 ? EPOCH : 0);
    out.u8(shape).peer(envelope.origin()).i64(envelope.id());
    out.i32((int) Math.min(envelope.id() - envelope.lowestOpen(), Integer.MAX_VALUE));
    long behind = envelope.after() == 0 ? 0 : envelope.id() - envelope.after();
    out.i32((int) Math.min(behind, Integer.MAX_VALUE));
    out.key(envelope.target());
    if (envelope.byKey()) {
      out.peer(envelope.pinned());
    }
    out.i64(envelope.pinnedIncarnation()).u16(envelope.attempt()).u8(envelope.hops());
    out.text(envelope.accessPoint()).u16(envelope.flags());
    out.i32((int) envelope.remainingMicros());
    if (envelope.serviceEpoch() != 0) {
      out.i64(envelope.serviceEpoch());
    }
    if (envelope.trace().length > 0) {
      out.raw(envelope.trace(), 0, Envelope.TRACE_BYTES);
    }
    envelope
        .replyTo()
        .ifPresent(to -> out.u8(to.kind().ordinal()).key(to.id()).text(to.accessPoint()));
    out.bytes(envelope.body());
  }

  static void write(Answer answer, WireWriter out) {
    boolean failure =
        answer.verdict() == Verdict.FAILED
            || answer.verdict() == Verdict.ELSEWHERE
            || answer.verdict().refusal();
    out.u8((answer.hint().isPresent() ? HINT : 0) | (failure ? CODE : 0));
    out.u8(answer.verdict().ordinal()).peer(answer.to()).peer(answer.owner());
    out.i64(answer.id()).u16(answer.attempt()).i64(answer.epoch());
    if (failure) {
      out.errorCode(answer.code());
    }
    answer.hint().ifPresent(out::ref);
    out.bytes(answer.body());
  }

  @Override
  public WireMessage decode(int type, WireReader in) {
    return switch (type) {
      case MESSAGE -> message(in);
      case ANSWER -> answer(in);
      case QUERY -> query(in);
      case HOP -> new Hop(in.peer(), id(in), attempt(in), in.bool());
      case SETTLE_QUERY -> new SettleQuery();
      case SETTLED -> settled(in);
      case KNOCK -> new Knock();
      default -> {
        if (RoutedCodec.isRouted(type - FrameTypes.ROUTING)) {
          yield RoutedCodec.read(type - FrameTypes.ROUTING, in);
        }
        throw new WireException("unknown frame of the router: " + type);
      }
    };
  }

  static Envelope message(WireReader in) {
    int shape = in.u8();
    PeerId origin = in.peer();
    long id = id(in);
    long lowestOpen = id - distance(in);
    long behind = distance(in);
    if (lowestOpen <= 0 || id - behind <= 0) {
      throw new WireException("a message refers to an id below 1");
    }
    Key target = in.key();
    boolean byKey = (shape & BY_KEY) != 0;
    PeerId pinned = byKey ? in.peer() : new PeerId(target);
    long incarnation = in.i64();
    int attempt = attempt(in);
    int hops = hops(in);
    String accessPoint = name(in);
    int flags = in.u16();
    int remaining = in.i32();
    if (remaining < 0) {
      throw new WireException("a message has a negative life");
    }
    long epoch = (shape & EPOCH) != 0 ? in.i64() : 0;
    byte[] trace = NONE;
    if ((shape & TRACED) != 0) {
      trace = new byte[Envelope.TRACE_BYTES];
      for (int i = 0; i < trace.length; i++) {
        trace[i] = (byte) in.u8();
      }
    }
    Optional<Address> replyTo =
        (shape & REPLY_TO) != 0 ? Optional.of(address(in)) : Optional.empty();
    return new Envelope(
        origin,
        id,
        lowestOpen,
        behind == 0 ? 0 : id - behind,
        byKey,
        target,
        pinned,
        incarnation,
        attempt,
        hops,
        accessPoint,
        flags,
        epoch,
        remaining,
        trace,
        replyTo,
        in.bytes(in.remaining()));
  }

  static Answer answer(WireReader in) {
    int shape = in.u8();
    int verdict = in.u8();
    if (verdict >= VERDICTS.length) {
      throw new WireException("unknown verdict " + verdict);
    }
    PeerId to = in.peer();
    PeerId owner = in.peer();
    long id = id(in);
    int attempt = attempt(in);
    long epoch = in.i64();
    // What a code that is not known here says of the message is not known either.
    ErrorCode code =
        (shape & CODE) != 0 ? in.errorCode(ErrorCode.DELIVERY_UNKNOWN) : ErrorCode.PROTOCOL_ERROR;
    Optional<PeerRef> hint = (shape & HINT) != 0 ? Optional.of(in.ref()) : Optional.empty();
    byte[] body = in.bytes(in.remaining());
    return new Answer(to, owner, id, attempt, VERDICTS[verdict], epoch, code, hint, body);
  }

  private static Query query(WireReader in) {
    PeerId to = in.peer();
    PeerId origin = in.peer();
    long id = id(in);
    int attempt = attempt(in);
    return new Query(to, origin, id, attempt, lowestOpen(in, id));
  }

  static void write(Settled settled, WireWriter out) {
    out.i64(settled.mark()).i32(settled.open().length);
    for (long id : settled.open()) {
      out.i64(id);
    }
  }

  static Settled settled(WireReader in) {
    long mark = in.i64();
    long[] open = new long[in.count(MAX_OPEN, Long.BYTES)];
    for (int i = 0; i < open.length; i++) {
      open[i] = in.i64();
      if (i > 0 && open[i] <= open[i - 1]) {
        throw new WireException("open ids are in ascending order");
      }
    }
    return new Settled(mark, open);
  }

  private static Address address(WireReader in) {
    int kind = in.u8();
    if (kind >= KINDS.length) {
      throw new WireException("unknown kind of address " + kind);
    }
    return new Address(KINDS[kind], in.key(), name(in));
  }

  private static String name(WireReader in) {
    String name = in.text(MAX_NAME_BYTES);
    if (name.isEmpty() || name.length() > Address.MAX_ACCESS_POINT) {
      throw new WireException("an access point has 1 to 255 characters, not " + name.length());
    }
    return name;
  }

  /** The largest number is left out, so that there is always a next one. */
  static long id(WireReader in) {
    long id = in.i64();
    if (id <= 0 || id == Long.MAX_VALUE) {
      throw new WireException("the id of a message is positive, not " + id);
    }
    return id;
  }

  /** Who asks after a message has it open: no id above it can be the lowest that is. */
  static long lowestOpen(WireReader in, long id) {
    long lowest = in.i64();
    if (lowest <= 0 || lowest > id) {
      throw new WireException("message " + id + " is open, and " + lowest + " the lowest open one");
    }
    return lowest;
  }

  static int hops(WireReader in) {
    int hops = in.u8();
    if (hops > RoutedFrame.MOST_HOPS) {
      throw new WireException("no message may travel " + hops + " hops");
    }
    return hops;
  }

  static int attempt(WireReader in) {
    int attempt = in.u16();
    if (attempt == 0) {
      throw new WireException("attempts count from 1");
    }
    return attempt;
  }

  private static long distance(WireReader in) {
    int distance = in.i32();
    if (distance < 0) {
      throw new WireException("an id lies " + distance + " behind");
    }
    return distance;
  }
}
