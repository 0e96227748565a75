// A peer that comes back finds its ring by itself.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RememberedPeersTest {
  private final TestRing ring = new TestRing();

  @AfterEach
  void stop() {
    ring.close();
  }

  private static String nobody() {
    try (ServerSocket free = new ServerSocket(0)) {
      return "127.0.0.1:" + free.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path away() {
    Path directory = ring.directory().resolve("traveller");
    Peer traveller = ring.start(settings -> settings.dataDirectory(directory));
    ring.awaitClosed();
    ring.leave(traveller);
    assertThat(directory.resolve("remembered")).isNotEmptyFile();
    return directory;
  }

  @Test
  void aPeerThatIsStartedAgainNeedsNoEntryPoint() {
    ring.grow(3);
    Path directory = away();
    Peer back = get(Peer.builder().dataDirectory(directory).joinMode(JoinMode.JOIN_ONLY).start());
    ring.peers().add(back);
    ring.awaitClosed();
  }

  @Test
  void aPeerWhoseEntryPointsAreDeadJoinsThroughWhomItRemembersInsteadOfFoundingARing() {
    ring.grow(2);
    Path directory = away();
    Peer back =
        get(
            Peer.builder()
                .dataDirectory(directory)
                .joinMode(JoinMode.CREATE_OR_JOIN)
                .entryPoints(List.of(nobody()))
                .start());
    ring.peers().add(back);
    ring.awaitClosed();
  }

  @Test
  void aPeerWhoseRememberedPeersAreAllDeadSaysSo() {
    ring.grow(1);
    Path directory = away();
    ring.leave(ring.peer(0));
    assertThat(
            failure(
                    Peer.builder()
                        .dataDirectory(directory)
                        .joinMode(JoinMode.JOIN_ONLY)
                        .joinLimit(Duration.ofSeconds(1))
                        .start())
                .code())
        .isEqualTo(ErrorCode.NO_ROUTE);
  }

  @Test
  void aDamagedFileOfRememberedPeersDoesNotKeepAPeerFromStarting() throws IOException {
    ring.grow(2);
    Path directory = away();
    Files.writeString(directory.resolve("remembered"), "rubbish");
    ring.start(settings -> settings.dataDirectory(directory));
    ring.awaitClosed();
  }

  @Test
  void aPeerThatFoundedARingOfItsOwnIsUnitedWithThoseItRemembers() {
    ring.grow(2);
    Path directory = away();
    Peer loner = get(Peer.builder().dataDirectory(directory).joinMode(JoinMode.CREATE).start());
    ring.peers().add(loner);
    await().untilAsserted(() -> assertThat(loner.members()).hasSize(3));
    ring.awaitClosed();
  }
}
