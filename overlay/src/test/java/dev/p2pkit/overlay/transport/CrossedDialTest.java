// Both sides have sent their proofs on dials of their own: which one stays, step by step.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.transport.LinkFrame.Goodbye;
import dev.p2pkit.overlay.transport.LinkFrame.Ping;
import dev.p2pkit.overlay.transport.LinkFrame.Pong;
import dev.p2pkit.overlay.transport.LinkFrame.Reason;
import dev.p2pkit.overlay.transport.LinkFrame.Welcome;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrossedDialTest {
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private TestPeer one;
  private ServerSocket server;

  @BeforeEach
  void start() throws Exception {
    one = TestPeer.start(vertx, TransportConfig.defaults().withTls(false));
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    one.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private Identity higher(boolean higher) {
    return Stream.generate(Identity::ephemeral)
        .filter(identity -> identity.id().compareTo(one.id()) > 0 == higher)
        .findFirst()
        .orElseThrow();
  }

  /** The peer under test dials us and has sent its proof; the welcome is up to us. */
  private RawPeer dialled(Identity other) throws IOException {
    Endpoint address = new Endpoint("127.0.0.1", server.getLocalPort());
    assertThat(one.transport.send(new PeerRef(other.id(), address, 1), Note.request(1)))
        .isEqualTo(SendResult.QUEUED);
    return RawPeer.accept(server, other).greetDialler();
  }

  private static void expectNote(RawPeer raw) throws IOException {
    byte[] frame = raw.readFrame();
    while (frame[0] != Note.FIRST_TYPE + 1) {
      frame = raw.readFrame();
    }
  }

  @Test
  void theLowerIdKeepsItsOwnDialAndTheOthersWaits() throws Exception {
    Identity other = higher(true);
    try (RawPeer theirs = dialled(other);
        RawPeer ours = RawPeer.dial(one, other).prove()) {
      await().until(() -> one.transport.holdsAnother(other.id()));
      theirs.write(new Welcome(1));
      expectNote(theirs);
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(one.transport.statistics().outgoing()).isEqualTo(1);
      ours.hangUp();
      theirs.write(RawPeer.note(5));
      await().until(() -> one.numbers().size() == 1);
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
    }
  }

  @Test
  void theOneThatWaitsIsRefusedWhileTheLinkIsAlive() throws Exception {
    Identity other = higher(true);
    try (RawPeer theirs = dialled(other);
        RawPeer ours = RawPeer.dial(one, other).prove()) {
      await().until(() -> one.transport.holdsAnother(other.id()));
      theirs.write(new Welcome(1));
      // A ping comes because the other dial is still there.
      byte[] frame = theirs.readFrame();
      while (frame[0] != LinkFrame.PING) {
        frame = theirs.readFrame();
      }
      Ping ping = (Ping) LinkFrame.read(frame[0], new WireReader(frame, 1, frame.length - 1));
      theirs.write(new Pong(ping.token()));
      Goodbye goodbye = ours.readGoodbye().orElseThrow();
      assertThat(goodbye.reason()).isEqualTo(Reason.DUPLICATE);
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
    }
  }

  @Test
  void theOneThatWaitsIsLetInIfTheOtherFailsAndNothingIsLost() throws Exception {
    Identity other = higher(true);
    try (RawPeer theirs = dialled(other);
        RawPeer ours = RawPeer.dial(one, other).prove()) {
      await().until(() -> one.transport.holdsAnother(other.id()));
      theirs.write(RawPeer.frame(LinkFrame.PONG, new byte[8]));
      theirs.hangUp();
      assertThat(ours.readLinkFrame()).isInstanceOf(Welcome.class);
      expectNote(ours);
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(one.transport.statistics().incoming()).isEqualTo(1);
    }
  }

  @Test
  void theHigherIdLetsTheOtherInAndGivesItsOwnUp() throws Exception {
    Identity other = higher(false);
    try (RawPeer theirs = dialled(other);
        RawPeer ours = RawPeer.dial(one, other).greet()) {
      expectNote(ours);
      assertThat(theirs.readGoodbye().orElseThrow().reason()).isEqualTo(Reason.DUPLICATE);
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(one.transport.statistics().incoming()).isEqualTo(1);
    }
  }
}
