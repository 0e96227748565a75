// The other side of a link, spoken by hand over a plain socket.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.LinkFrame.Goodbye;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkFrame.Proof;
import dev.p2pkit.overlay.transport.LinkFrame.Role;
import dev.p2pkit.overlay.transport.LinkFrame.Welcome;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/** Speaks the link protocol without TLS, frame by frame, so that a test can get it wrong. */
final class RawPeer implements AutoCloseable {
  final Identity identity;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  RawPeer(Socket socket) throws IOException {
    this(socket, Identity.ephemeral());
  }

  private RawPeer(Socket socket, Identity identity) throws IOException {
    this.identity = identity;
    this.socket = socket;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  static RawPeer dial(TestPeer peer) throws IOException {
    return dial(peer, Identity.ephemeral());
  }

  static RawPeer dial(TestPeer peer, Identity identity) throws IOException {
    return new RawPeer(new Socket(peer.endpoint().host(), peer.endpoint().port()), identity);
  }

  /** Dials from an address of this machine. */
  static RawPeer dialFrom(String address, TestPeer peer) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(address, 0));
    socket.connect(new InetSocketAddress(peer.endpoint().host(), peer.endpoint().port()));
    return new RawPeer(socket);
  }

  Hello hello(int oldest, int newest) {
    byte[] nonce = new byte[LinkFrame.NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    return new Hello(
        oldest,
        newest,
        Role.PEER,
        "p2pkit",
        new Bytes(nonce),
        new Bytes(identity.rawPublicKey()),
        Optional.of(new Endpoint("127.0.0.1", 1)),
        true,
        1,
        Optional.empty(),
        Bytes.EMPTY,
        "",
        4_000_000);
  }

  /** Waits for a dial, as the peer with this identity. */
  static RawPeer accept(ServerSocket server, Identity identity) throws IOException {
    return new RawPeer(server.accept(), identity);
  }

  /** The greeting of the side that was dialled, up to where only the welcome is missing. */
  RawPeer greetDialler() throws IOException {
    Greeting greeting =
        new Greeting(false, identity, Membership.none(), hello(1, 1), Optional.empty());
    greeting.heard((Hello) readLinkFrame());
    write(greeting.ownHello());
    write(greeting.proof());
    greeting.check((Proof) readLinkFrame(), Instant.now());
    return this;
  }

  /** The whole greeting of a well-behaved dialler. */
  RawPeer greet() throws IOException {
    prove();
    if (!(readLinkFrame() instanceof Welcome)) {
      throw new IOException("a welcome was expected");
    }
    return this;
  }

  /** The greeting of a dialler, up to where only the welcome is missing. */
  RawPeer prove() throws IOException {
    Greeting greeting =
        new Greeting(true, identity, Membership.none(), hello(1, 1), Optional.empty());
    write(greeting.ownHello());
    greeting.heard((Hello) readLinkFrame());
    greeting.check((Proof) readLinkFrame(), Instant.now());
    write(greeting.proof());
    return this;
  }

  void write(LinkFrame frame) throws IOException {
    WireWriter frames = new WireWriter(64);
    LinkFrame.write(frame, frames);
    write(frames.toBytes());
  }

  static byte[] frame(int type, byte[] body) {
    return new WireWriter(64).i32(body.length + 1).u8(type).raw(body, 0, body.length).toBytes();
  }

  static byte[] note(long number) {
    return frame(Note.FIRST_TYPE + 1, new WireWriter(8).i64(number).toBytes());
  }

  void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  byte[] readFrame() throws IOException {
    byte[] frame = new byte[in.readInt()];
    in.readFully(frame);
    return frame;
  }

  LinkFrame readLinkFrame() throws IOException {
    byte[] frame = readFrame();
    return LinkFrame.read(frame[0], new WireReader(frame, 1, frame.length - 1));
  }

  /** Reads up to the last word of the other side, or -1 where it says none. */
  Optional<Goodbye> readGoodbye() {
    try {
      while (true) {
        byte[] frame = readFrame();
        if (frame[0] == LinkFrame.GOODBYE) {
          return Optional.of(
              (Goodbye) LinkFrame.read(frame[0], new WireReader(frame, 1, frame.length - 1)));
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether the other side closes the socket. */
  boolean isClosed() {
    try {
      while (in.read() >= 0) {
        // Whatever it still says.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() {
    hangUp();
  }

  void hangUp() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
