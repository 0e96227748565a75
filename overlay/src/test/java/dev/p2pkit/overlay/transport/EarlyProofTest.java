// A dialler that TLS has shown whom it expects proves itself with its first words.
package dev.p2pkit.overlay.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkFrame.Proof;
import dev.p2pkit.overlay.transport.LinkFrame.Role;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EarlyProofTest {
  private static final Membership SECRET =
      new Membership.SharedSecret("sixteen bytes at least".getBytes(UTF_8));

  private final Identity dialler = Identity.ephemeral();
  private final Identity dialled = Identity.ephemeral();

  private static Hello hello(int nonce) {
    byte[] bytes = new byte[LinkFrame.NONCE_BYTES];
    bytes[0] = (byte) nonce;
    return new Hello(
        1,
        1,
        Role.PEER,
        "p2pkit",
        new Bytes(bytes),
        Bytes.EMPTY,
        Optional.of(new Endpoint("127.0.0.1", 1)),
        true,
        1,
        Optional.empty(),
        Bytes.EMPTY,
        "",
        4_000_000);
  }

  private Greeting dialling(Identity to, int nonce) {
    return new Greeting(true, dialler, SECRET, hello(nonce), Optional.of(to.rawPublicKey()));
  }

  private Greeting dialledBy(Identity by, Identity self, int theirNonce) {
    Greeting greeting =
        new Greeting(false, self, SECRET, hello(77), Optional.of(by.rawPublicKey()));
    greeting.heard(hello(theirNonce));
    return greeting;
  }

  private static void refused(Greeting greeting, Proof proof) {
    assertThatExceptionOfType(KitException.class)
        .isThrownBy(() -> greeting.check(proof, Instant.now()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_MISMATCH));
  }

  @Test
  void itIsGoodForTheTwoKeysAndTheNonceThatItWasMadeFor() {
    Proof early = dialling(dialled, 1).earlyProof();
    assertThatNoException()
        .isThrownBy(() -> dialledBy(dialler, dialled, 1).check(early, Instant.now()));
    Identity other = Identity.ephemeral();
    refused(dialledBy(dialler, dialled, 2), early);
    refused(dialledBy(other, dialled, 1), early);
    refused(dialledBy(dialler, other, 1), early);
  }

  @Test
  void theDialledSideCannotSendItBack() {
    Greeting greeting = dialling(dialled, 1);
    Proof early = greeting.earlyProof();
    greeting.heard(hello(1));
    refused(greeting, early);
    // The usual proof of the other side is good.
    Greeting other = dialledBy(dialler, dialled, 1);
    Greeting asked = dialling(dialled, 1);
    asked.heard(hello(77));
    assertThatNoException().isThrownBy(() -> asked.check(other.proof(), Instant.now()));
  }

  /**
   * Passes on what the dialler says, and of the dialled side only what comes before the dialler's
   * second words: its part of the TLS handshake.
   */
  private static final class Proxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Endpoint to;
    private boolean answered;
    private boolean mute;

    Proxy(Endpoint to) throws IOException {
      this.to = to;
      Thread thread = new Thread(this::run, "proxy");
      thread.setDaemon(true);
      thread.start();
    }

    Endpoint endpoint() {
      return new Endpoint("127.0.0.1", server.getLocalPort());
    }

    private void run() {
      try (Socket in = server.accept();
          Socket out = new Socket(to.host(), to.port())) {
        Thread back = new Thread(() -> copy(out, in, false), "proxy-back");
        back.setDaemon(true);
        back.start();
        copy(in, out, true);
        out.shutdownOutput();
        back.join();
      } catch (IOException e) {
        // The test is over.
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void copy(Socket from, Socket into, boolean ofDialler) {
      byte[] bytes = new byte[65_536];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = into.getOutputStream();
        int count = in.read(bytes);
        while (count >= 0) {
          if (passes(ofDialler)) {
            out.write(bytes, 0, count);
          }
          count = in.read(bytes);
        }
      } catch (IOException e) {
        // One of the two has closed.
        return;
      }
    }

    private synchronized boolean passes(boolean ofDialler) {
      if (ofDialler) {
        mute = answered;
        return true;
      }
      answered = true;
      return !mute;
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @Test
  void theFirstWordsOfTheDiallerAreEnoughToLetItIn() throws Exception {
    Vertx vertx = Vertx.vertx();
    TransportConfig config = TransportConfig.defaults().withMembership(SECRET);
    try (TestPeer one = TestPeer.start(vertx, config);
        TestPeer other = TestPeer.start(vertx, config);
        Proxy proxy = new Proxy(other.endpoint())) {
      CompletableFuture<PeerRef> dial =
          one.transport.connect(proxy.endpoint(), Optional.of(other.id()));
      await().atMost(20, SECONDS).until(() -> other.transport.isUp(one.id()));
      // It has heard nothing of that.
      assertThat(dial).isNotDone();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
    }
  }
}
