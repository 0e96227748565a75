// Addresses, messages and events on the wire.
package dev.p2pkit.client.session;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes and reads what a message consists of; see {@code docs/formats.md}. */
public final class MessageWire {
  /** The longest access point in UTF-8: 255 characters of at most 3 bytes. */
  static final int ACCESS_POINT_BYTES = 3 * Address.MAX_ACCESS_POINT;

  private static final int MAX_NAME = 512;
  private static final int MAX_TEXT = 2_048;
  private static final int MAX_SUCCESSORS = 256;

  private MessageWire() {}

  /** Writes an address. */
  public static void write(Address address, WireWriter out) {
    out.u8(address.kind() == Address.Kind.PEER ? 0 : 1)
        .key(address.id())
        .text(address.accessPoint());
  }

  /** Reads an address. */
  public static Address readAddress(WireReader in) {
    Address.Kind kind =
        switch (in.u8()) {
          case 0 -> Address.Kind.PEER;
          case 1 -> Address.Kind.SESSION;
          default -> throw new WireException("an address is of kind 0 or 1");
        };
    return new Address(kind, in.key(), accessPoint(in));
  }

  static String accessPoint(WireReader in) {
    String name = in.text(ACCESS_POINT_BYTES);
    if (name.isEmpty() || name.length() > Address.MAX_ACCESS_POINT) {
      throw new WireException("an access point has 1 to 255 characters, not " + name.length());
    }
    return name;
  }

  /** Writes a body after its length. */
  static void write(Payload body, WireWriter out) {
    out.bytes(body.toWire());
  }

  /** Reads a body of at most {@code most} bytes and checks its format byte. */
  static Payload body(WireReader in, int most) {
    try {
      return Payload.fromWire(in.bytes(most));
    } catch (KitException e) {
      throw new WireException(e.detail());
    }
  }

  /** Writes a message as its receiver sees it. */
  public static void write(Message message, WireWriter out) {
    if (message.source() instanceof Source.OfPeer sender) {
      out.u8(0).peer(sender.peer());
    } else {
      out.u8(1);
    }
    Destination destination = message.destination();
    if (destination instanceof Destination.OfKey of) {
      out.u8(0).key(of.key());
    } else if (destination instanceof Destination.OfPeer of) {
      out.u8(1).peer(of.peer());
    } else if (destination instanceof Destination.OfSession of) {
      out.u8(2).key(of.session());
    }
    out.text(message.accessPoint());
    out.bool(message.replyTo().isPresent());
    message.replyTo().ifPresent(address -> write(address, out));
    write(message.body(), out);
  }

  /** Reads a message whose body has at most {@code mostBody} bytes. */
  public static Message readMessage(WireReader in, int mostBody) {
    Source source =
        switch (in.u8()) {
          case 0 -> new Source.OfPeer(in.peer());
          case 1 -> new Source.OfClient();
          default -> throw new WireException("a source is of kind 0 or 1");
        };
    Destination destination =
        switch (in.u8()) {
          case 0 -> new Destination.OfKey(in.key());
          case 1 -> new Destination.OfPeer(in.peer());
          case 2 -> new Destination.OfSession(in.key());
          default -> throw new WireException("a destination is of kind 0, 1 or 2");
        };
    String accessPoint = accessPoint(in);
    Optional<Address> replyTo = in.bool() ? Optional.of(readAddress(in)) : Optional.empty();
    return new Message(source, destination, accessPoint, body(in, mostBody), replyTo);
  }

  /** Writes an event. */
  public static void write(NetworkEvent event, WireWriter out) {
    if (event instanceof NetworkEvent.Alone) {
      out.u8(0);
    } else if (event instanceof NetworkEvent.Connected of) {
      out.u8(1).peer(of.through());
    } else if (event instanceof NetworkEvent.NewPredecessor of) {
      out.u8(2).peer(of.predecessor());
    } else if (event instanceof NetworkEvent.NewSuccessor of) {
      out.u8(3).peer(of.successor());
    } else if (event instanceof NetworkEvent.NewSuccessorList of) {
      int count = Math.min(of.successors().size(), MAX_SUCCESSORS);
      out.u8(4).i32(count);
      of.successors().subList(0, count).forEach(out::peer);
    } else if (event instanceof NetworkEvent.NewRoutingTable of) {
      out.u8(5).i32(of.peers());
    } else if (event instanceof NetworkEvent.PeerJoined of) {
      out.u8(6).peer(of.peer());
    } else if (event instanceof NetworkEvent.PeerLeft of) {
      out.u8(7).peer(of.peer());
    } else if (event instanceof NetworkEvent.PeerFailed of) {
      out.u8(8).peer(of.peer());
    } else if (event instanceof NetworkEvent.ClientAttached of) {
      out.u8(9).key(of.session());
    } else if (event instanceof NetworkEvent.ClientDetached of) {
      out.u8(10).key(of.session());
    } else if (event instanceof NetworkEvent.Disconnected of) {
      out.u8(11).peer(of.from()).text(cut(of.reason(), MAX_TEXT));
    } else if (event instanceof NetworkEvent.SlowConsumer of) {
      out.u8(12).text(of.accessPoint()).i64(of.refused());
    } else if (event instanceof NetworkEvent.Rejected of) {
      out.u8(13).text(cut(of.reason(), MAX_TEXT));
    } else if (event instanceof NetworkEvent.LinkOpened of) {
      out.u8(14).peer(of.peer());
    } else if (event instanceof NetworkEvent.LinkClosed of) {
      out.u8(15).peer(of.peer()).i32(of.unacknowledged());
    } else if (event instanceof NetworkEvent.ServiceInstalled of) {
      out.u8(16).text(of.name()).text(of.instance()).i64(of.epoch());
    } else if (event instanceof NetworkEvent.ServiceUpgraded of) {
      out.u8(17).text(of.name()).text(of.instance()).i64(of.epoch());
    } else if (event instanceof NetworkEvent.ServiceReverted of) {
      out.u8(18).text(of.name()).text(of.instance()).i64(of.epoch()).i64(of.turnsLost());
    } else if (event instanceof NetworkEvent.NameLost of) {
      out.u8(19).text(of.name()).text(of.nowReachableAs());
    } else if (event instanceof NetworkEvent.IdentityClash of) {
      out.u8(20).text(of.other()).bool(of.stays()).text(cut(of.advice(), MAX_TEXT));
    } else if (event instanceof NetworkEvent.PeerBanned of) {
      out.u8(21).peer(of.peer()).text(cut(of.reason(), MAX_TEXT)).text(of.by());
    } else if (event instanceof NetworkEvent.BanLifted of) {
      out.u8(22).peer(of.peer()).text(of.by());
    } else if (event instanceof NetworkEvent.BroadcastsMissed of) {
      out.u8(23).peer(of.origin()).i64(of.count());
    } else if (event instanceof NetworkEvent.PartitionSuspected of) {
      out.u8(24).i32(of.missing()).i32(of.reached());
    } else if (event instanceof NetworkEvent.Merged of) {
      out.u8(25).key(of.from()).key(of.to()).i64(of.epoch()).i64(of.otherEpoch());
    } else if (event instanceof NetworkEvent.ConnectionOpened of) {
      out.u8(26).peer(of.peer()).text(of.accessPoint());
    } else if (event instanceof NetworkEvent.ConnectionClosed of) {
      out.u8(27).peer(of.peer()).text(of.accessPoint()).i32(of.unacknowledged());
    } else if (event instanceof NetworkEvent.ObserverAttached of) {
      out.u8(28).peer(of.observer());
    } else if (event instanceof NetworkEvent.ObserverDetached of) {
      out.u8(29).peer(of.observer());
    } else if (event instanceof NetworkEvent.ServiceForked of) {
      out.u8(30).text(of.name()).text(of.instance()).i64(of.epoch());
    } else if (event instanceof NetworkEvent.ServiceStateDamaged of) {
      out.u8(31).text(of.name()).text(of.instance()).text(cut(of.file(), MAX_TEXT));
      out.bool(of.startedAnew()).text(cut(of.detail(), MAX_TEXT));
    }
  }

  /** Reads an event. */
  public static NetworkEvent readEvent(WireReader in) {
    int kind = in.u8();
    return switch (kind) {
      case 0 -> new NetworkEvent.Alone();
      case 1 -> new NetworkEvent.Connected(in.peer());
      case 2 -> new NetworkEvent.NewPredecessor(in.peer());
      case 3 -> new NetworkEvent.NewSuccessor(in.peer());
      case 4 -> {
        int count = in.count(MAX_SUCCESSORS, Key.BYTES);
        List<PeerId> successors = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          successors.add(in.peer());
        }
        yield new NetworkEvent.NewSuccessorList(successors);
      }
      case 5 -> new NetworkEvent.NewRoutingTable(in.i32());
      case 6 -> new NetworkEvent.PeerJoined(in.peer());
      case 7 -> new NetworkEvent.PeerLeft(in.peer());
      case 8 -> new NetworkEvent.PeerFailed(in.peer());
      case 9 -> new NetworkEvent.ClientAttached(in.key());
      case 10 -> new NetworkEvent.ClientDetached(in.key());
      case 11 -> new NetworkEvent.Disconnected(in.peer(), in.text(MAX_TEXT));
      case 12 -> new NetworkEvent.SlowConsumer(in.text(ACCESS_POINT_BYTES), in.i64());
      case 13 -> new NetworkEvent.Rejected(in.text(MAX_TEXT));
      case 14 -> new NetworkEvent.LinkOpened(in.peer());
      case 15 -> new NetworkEvent.LinkClosed(in.peer(), in.i32());
      case 16 -> new NetworkEvent.ServiceInstalled(in.text(MAX_NAME), in.text(MAX_NAME), in.i64());
      case 17 -> new NetworkEvent.ServiceUpgraded(in.text(MAX_NAME), in.text(MAX_NAME), in.i64());
      case 18 ->
          new NetworkEvent.ServiceReverted(
              in.text(MAX_NAME), in.text(MAX_NAME), in.i64(), in.i64());
      case 19 -> new NetworkEvent.NameLost(in.text(MAX_NAME), in.text(MAX_NAME));
      case 20 -> new NetworkEvent.IdentityClash(in.text(MAX_TEXT), in.bool(), in.text(MAX_TEXT));
      case 21 -> new NetworkEvent.PeerBanned(in.peer(), in.text(MAX_TEXT), in.text(MAX_NAME));
      case 22 -> new NetworkEvent.BanLifted(in.peer(), in.text(MAX_NAME));
      case 23 -> new NetworkEvent.BroadcastsMissed(in.peer(), in.i64());
      case 24 -> new NetworkEvent.PartitionSuspected(in.i32(), in.i32());
      case 25 -> new NetworkEvent.Merged(in.key(), in.key(), in.i64(), in.i64());
      case 26 -> new NetworkEvent.ConnectionOpened(in.peer(), in.text(ACCESS_POINT_BYTES));
      case 27 ->
          new NetworkEvent.ConnectionClosed(in.peer(), in.text(ACCESS_POINT_BYTES), in.i32());
      case 28 -> new NetworkEvent.ObserverAttached(in.peer());
      case 29 -> new NetworkEvent.ObserverDetached(in.peer());
      case 30 -> new NetworkEvent.ServiceForked(in.text(MAX_NAME), in.text(MAX_NAME), in.i64());
      case 31 ->
          new NetworkEvent.ServiceStateDamaged(
              in.text(MAX_NAME),
              in.text(MAX_NAME),
              in.text(MAX_TEXT),
              in.bool(),
              in.text(MAX_TEXT));
      default -> throw new WireException("there is no event " + kind + " in this version");
    };
  }

  /** A text that fits: at most so many bytes in UTF-8. */
  static String cut(String text, int mostBytes) {
    if (text.length() * 3L <= mostBytes
        || text.getBytes(StandardCharsets.UTF_8).length <= mostBytes) {
      return text;
    }
    // A character of the string takes at most 3 bytes; half a pair becomes a question mark.
    return text.substring(0, mostBytes / 3);
  }
}
