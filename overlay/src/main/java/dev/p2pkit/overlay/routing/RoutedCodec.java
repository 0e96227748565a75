// Encodes the frames of messages whose owner the origin does not know.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.ClockAnswer;
import dev.p2pkit.overlay.routing.RoutedFrame.ClockQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutedFrame.Taken;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of {@link RoutingCodec} for {@link RoutedFrame}. */
final class RoutedCodec {
  private static final int FIRST = 7;
  private static final int ROUTED = FIRST;
  private static final int TAKEN = FIRST + 1;
  private static final int RETURNED = FIRST + 2;
  private static final int KEY_QUERY = FIRST + 3;
  private static final int CLOCK_QUERY = FIRST + 4;
  private static final int CLOCK_ANSWER = FIRST + 5;
  private static final int LAST = CLOCK_ANSWER;

  /** An attempt has at most so many copies: one bit each in an int. */
  static final int MOST_COPIES = 31;

  private static final int IN_DOUBT = 1;
  private static final int ARC = 1 << 1;

  private RoutedCodec() {}

  static boolean isRouted(int offset) {
    return offset >= FIRST && offset <= LAST;
  }

  static int offsetOf(RoutedFrame frame) {
    if (frame instanceof Routed) {
      return ROUTED;
    } else if (frame instanceof Taken) {
      return TAKEN;
    } else if (frame instanceof Returned) {
      return RETURNED;
    } else if (frame instanceof KeyQuery) {
      return KEY_QUERY;
    }
    return frame instanceof ClockQuery ? CLOCK_QUERY : CLOCK_ANSWER;
  }

  static void write(RoutedFrame frame, WireWriter out) {
    if (frame instanceof Routed routed) {
      path(routed.path(), out);
      out.u8(routed.copy()).i64(routed.age()).i64(routed.stamp());
      RoutingCodec.write(routed.envelope(), out);
    } else if (frame instanceof Taken taken) {
      out.peer(taken.origin()).i64(taken.id()).u16(taken.attempt()).u8(taken.copy());
      out.bool(taken.taken()).i64(taken.echo()).i64(taken.stamp());
    } else if (frame instanceof Returned returned) {
      out.u8((returned.inDoubt() ? IN_DOUBT : 0) | (returned.arc().isPresent() ? ARC : 0));
      out.u8(returned.copy()).u8(returned.hops());
      path(returned.path(), out);
      returned
          .arc()
          .ifPresent(
              arc -> out.ref(arc.owner()).key(arc.from()).i64(arc.epoch()).i64(arc.heldFor()));
      RoutingCodec.write(returned.answer(), out);
    } else if (frame instanceof KeyQuery query) {
      out.peer(query.origin()).i64(query.id()).u16(query.attempt()).i64(query.lowestOpen());
      out.key(query.target()).bool(query.witness().isPresent());
      query.witness().ifPresent(out::peer);
      out.u8(query.hops());
      path(query.path(), out);
    } else if (frame instanceof ClockQuery query) {
      out.i64(query.stamp());
    } else if (frame instanceof ClockAnswer answer) {
      out.i64(answer.echo()).i64(answer.stamp());
    }
  }

  static RoutedFrame read(int offset, WireReader in) {
    return switch (offset) {
      case ROUTED -> routed(in);
      case TAKEN ->
          new Taken(
              in.peer(),
              RoutingCodec.id(in),
              RoutingCodec.attempt(in),
              copy(in),
              in.bool(),
              in.i64(),
              in.i64());
      case RETURNED -> returned(in);
      case KEY_QUERY -> keyQuery(in);
      case CLOCK_QUERY -> new ClockQuery(in.i64());
      default -> new ClockAnswer(in.i64(), in.i64());
    };
  }

  private static Routed routed(WireReader in) {
    List<PeerId> path = path(in);
    int copy = copy(in);
    long age = duration(in);
    long stamp = in.i64();
    Envelope envelope = RoutingCodec.message(in);
    if (envelope.pinnedIncarnation() != 0) {
      throw new WireException("a routed message is pinned to nobody");
    }
    return new Routed(envelope, copy, age, stamp, path);
  }

  private static Returned returned(WireReader in) {
    int shape = in.u8();
    int copy = copy(in);
    int hops = in.u8();
    List<PeerId> path = path(in);
    Optional<Arc> arc =
        (shape & ARC) != 0
            ? Optional.of(new Arc(in.ref(), in.key(), in.i64(), duration(in)))
            : Optional.empty();
    boolean inDoubt = (shape & IN_DOUBT) != 0;
    return new Returned(RoutingCodec.answer(in), copy, inDoubt, hops, arc, path);
  }

  private static KeyQuery keyQuery(WireReader in) {
    PeerId origin = in.peer();
    long id = RoutingCodec.id(in);
    int attempt = RoutingCodec.attempt(in);
    long lowestOpen = RoutingCodec.lowestOpen(in, id);
    Key target = in.key();
    Optional<PeerId> witness = in.bool() ? Optional.of(in.peer()) : Optional.empty();
    int hops = RoutingCodec.hops(in);
    return new KeyQuery(origin, id, attempt, lowestOpen, target, witness, hops, path(in));
  }

  private static int copy(WireReader in) {
    int copy = in.u8();
    if (copy >= MOST_COPIES) {
      throw new WireException("a message has at most " + MOST_COPIES + " copies");
    }
    return copy;
  }

  private static long duration(WireReader in) {
    long duration = in.i64();
    if (duration < 0) {
      throw new WireException("a duration is negative");
    }
    return duration;
  }

  private static void path(List<PeerId> path, WireWriter out) {
    out.u8(path.size());
    path.forEach(out::peer);
  }

  private static List<PeerId> path(WireReader in) {
    int count = in.u8();
    if (count > RoutedFrame.MOST_HOPS) {
      throw new WireException("a message has come " + count + " hops");
    }
    List<PeerId> path = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      path.add(in.peer());
    }
    return path;
  }
}
