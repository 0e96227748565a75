// The frames of the link itself: greeting, ping, goodbye.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Key;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The frames of the link itself, types 0x00 to 0x0F; see docs/formats.md. */
sealed interface LinkFrame {
  int HELLO = 0x00;
  int PROOF = 0x01;
  int WELCOME = 0x02;
  int PING = 0x03;
  int PONG = 0x04;
  int GOODBYE = 0x05;
  int RIVAL = 0x06;

  /** The versions of the link protocol that this code speaks. */
  int OLDEST_VERSION = 1;

  int NEWEST_VERSION = 1;

  /** The longest ticket of a client. */
  int TICKET_BYTES = 4096;

  /** How large a frame may be before the other side has been let in. */
  int GREETING_BYTES = 16 * 1024;

  int NONCE_BYTES = 32;

  /** As whom a side takes part. */
  enum Role {
    PEER,
    CLIENT
  }

  /** Why a link ends; the numbers travel. */
  enum Reason {
    CLOSED,
    IDLE,
    DUPLICATE,
    SUPERSEDED,
    REVOKED,
    REFUSED
  }

  /**
   * The first frame of each side. {@code address} is empty for clients; {@code direct} says that
   * the process itself listens there, and not somebody who passes links on to it; {@code lock}
   * names the lock that it holds for as long as it lives; {@code signature} is over address and
   * incarnation, so that others can prove to an earlier process of this identity that there is a
   * later one.
   */
  record Hello(
      int oldest,
      int newest,
      Role role,
      String network,
      Bytes nonce,
      Bytes publicKey,
      Optional<Endpoint> address,
      boolean direct,
      long incarnation,
      Optional<Key> lock,
      Bytes signature,
      String ticket,
      long lease)
      implements LinkFrame {}

  /** That a side has the key it says, and is a member. */
  record Proof(Bytes signature, int kind, Bytes membership) implements LinkFrame {
    static final int NONE = 0;
    static final int SECRET = 1;
    static final int CERTIFICATE = 2;
    static final int PUZZLE = 3;
  }

  /** The side that was dialled has let the other in. */
  record Welcome(int version) implements LinkFrame {}

  /** Is the other side there? */
  record Ping(long token) implements LinkFrame {}

  /** It is. */
  record Pong(long token) implements LinkFrame {}

  /** The last frame. {@code code} is the name of an error code or empty. */
  record Goodbye(Reason reason, String code, String detail) implements LinkFrame {}

  /**
   * Another process with the receiver's identity has a link to the sender.
   *
   * @param other where that process says it can be dialled
   * @param incarnation of that process; the greater one stays
   * @param signature of that process, as in its HELLO
   */
  record Rival(Endpoint other, long incarnation, Bytes signature) implements LinkFrame {}

  private static int typeOf(LinkFrame frame) {
    if (frame instanceof Ping) {
      return PING;
    } else if (frame instanceof Pong) {
      return PONG;
    } else if (frame instanceof Hello) {
      return HELLO;
    } else if (frame instanceof Proof) {
      return PROOF;
    } else if (frame instanceof Welcome) {
      return WELCOME;
    } else if (frame instanceof Rival) {
      return RIVAL;
    }
    return GOODBYE;
  }

  /** Appends the whole frame, length and type included. */
  static void write(LinkFrame frame, WireWriter out) {
    int start = out.size();
    out.i32(0).u8(typeOf(frame));
    if (frame instanceof Ping ping) {
      out.i64(ping.token);
    } else if (frame instanceof Pong pong) {
      out.i64(pong.token);
    } else if (frame instanceof Hello hello) {
      writeHello(hello, out);
    } else if (frame instanceof Proof proof) {
      out.bytes(proof.signature.value()).u8(proof.kind).bytes(proof.membership.value());
    } else if (frame instanceof Welcome welcome) {
      out.u16(welcome.version);
    } else if (frame instanceof Goodbye goodbye) {
      out.u8(goodbye.reason.ordinal()).text(goodbye.code).text(shorten(goodbye.detail));
    } else if (frame instanceof Rival rival) {
      out.text(rival.other.host())
          .u16(rival.other.port())
          .i64(rival.incarnation)
          .bytes(rival.signature.value());
    }
    out.patchI32(start, out.size() - start - 4);
  }

  private static void writeHello(Hello hello, WireWriter out) {
    out.i32(Greeting.MAGIC)
        .u16(hello.oldest)
        .u16(hello.newest)
        .u8(hello.role.ordinal())
        .text(hello.network)
        .bytes(hello.nonce.value())
        .bytes(hello.publicKey.value())
        .bool(hello.address.isPresent());
    hello.address.ifPresent(address -> out.text(address.host()).u16(address.port()));
    out.bool(hello.direct).i64(hello.incarnation).bool(hello.lock.isPresent());
    hello.lock.ifPresent(out::key);
    out.bytes(hello.signature.value()).text(hello.ticket).i64(hello.lease);
  }

  /**
   * Reads a frame's body.
   *
   * @throws WireException if the bytes are no such frame
   */
  static LinkFrame read(int type, WireReader in) {
    return switch (type) {
      case HELLO -> readHello(in);
      case PROOF -> new Proof(new Bytes(in.bytes(64)), in.u8(), new Bytes(in.bytes(1024)));
      case WELCOME -> new Welcome(in.u16());
      case PING -> new Ping(in.i64());
      case PONG -> new Pong(in.i64());
      case RIVAL -> new Rival(readEndpoint(in), in.i64(), new Bytes(in.bytes(64)));
      case GOODBYE -> new Goodbye(reason(in.u8()), in.text(64), in.text(2048));
      default -> throw new WireException("a link has no frame of type " + type);
    };
  }

  private static LinkFrame readHello(WireReader in) {
    if (in.i32() != Greeting.MAGIC) {
      throw new WireException("this does not speak the link protocol");
    }
    int oldest = in.u16();
    int newest = in.u16();
    if (oldest > NEWEST_VERSION || newest < OLDEST_VERSION) {
      // What follows may look different in a version that we do not know.
      return new Hello(
          oldest,
          newest,
          Role.PEER,
          "",
          Bytes.EMPTY,
          Bytes.EMPTY,
          Optional.empty(),
          false,
          0,
          Optional.empty(),
          Bytes.EMPTY,
          "",
          0);
    }
    int role = in.u8();
    if (role >= Role.values().length) {
      throw new WireException("a role is 0 or 1, not " + role);
    }
    String network = in.text(TransportConfig.NETWORK_BYTES);
    Bytes nonce = new Bytes(in.bytes(NONCE_BYTES));
    Bytes key = new Bytes(in.bytes(Ed25519.KEY_BYTES));
    Optional<Endpoint> address = in.bool() ? Optional.of(readEndpoint(in)) : Optional.empty();
    return new Hello(
        oldest,
        newest,
        Role.values()[role],
        network,
        nonce,
        key,
        address,
        in.bool(),
        in.i64(),
        in.bool() ? Optional.of(in.key()) : Optional.empty(),
        new Bytes(in.bytes(64)),
        in.text(TICKET_BYTES),
        in.i64());
  }

  private static Endpoint readEndpoint(WireReader in) {
    String host = in.text(255);
    int port = in.u16();
    if (host.isEmpty() || port == 0) {
      throw new WireException("a peer has a host and a port");
    }
    return new Endpoint(host, port);
  }

  private static Reason reason(int number) {
    Reason[] reasons = Reason.values();
    return number < reasons.length ? reasons[number] : Reason.REFUSED;
  }

  private static String shorten(String detail) {
    String cut = detail.length() > 500 ? detail.substring(0, 500) : detail;
    return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
