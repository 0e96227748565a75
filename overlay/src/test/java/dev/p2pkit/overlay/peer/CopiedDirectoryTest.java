// A data directory that was copied: two live processes of one identity, on real links.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.TestRing.Member;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopiedDirectoryTest {
  private static final Duration LIFE = Duration.ofSeconds(10);

  @TempDir private Path directory;

  private final TestRing ring = new TestRing(true);

  @AfterEach
  void close() {
    ring.close();
  }

  private static boolean serves(Member member) {
    return member.overlay.now()
        < member.overlay.view().holding().tenure(OwnershipMode.STRICT).until();
  }

  @Test
  void aPeerThatIsClosedServesNothingFromBeforeItsPortIsClosed() {
    ring.of(3);
    Member closing = ring.members.get(2);
    await().until(() -> serves(closing));
    Endpoint endpoint = closing.overlay.self().endpoint();
    CompletableFuture<Void> closed = closing.overlay.close();
    closing.alive = false;
    while (isListening(endpoint)) {
      Thread.onSpinWait();
    }
    assertThat(serves(closing)).isFalse();
    closed.join();
  }

  private static boolean isListening(Endpoint endpoint) {
    try (Socket socket = new Socket(endpoint.host(), endpoint.port())) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Path copy(Path original) throws IOException {
    Path copy = Files.createDirectory(directory.resolve("copy"));
    try (Stream<Path> files = Files.list(original)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return copy;
  }

  private static List<NetworkEvent.IdentityClash> clashes(Member member) {
    return member.events.stream()
        .filter(NetworkEvent.IdentityClash.class::isInstance)
        .map(NetworkEvent.IdentityClash.class::cast)
        .toList();
  }

  @Test
  void theLaterProcessStaysBothHearOfEachOtherAndNoKeyIsServedByBoth() throws Exception {
    ring.of(3);
    try (DataDirectory data = DataDirectory.open(directory.resolve("original"));
        DataDirectory copied = DataDirectory.open(copy(data.path()))) {
      Member original = ring.join(data);
      ring.awaitViews();
      await().until(() -> serves(original));
      AtomicBoolean over = new AtomicBoolean();
      AtomicBoolean both = new AtomicBoolean();
      Member later = ring.listening(copied);
      CompletableFuture<Void> watch =
          CompletableFuture.runAsync(
              () -> {
                while (!over.get()) {
                  // Asked in this order, a hand-over in between cannot look like an overlap.
                  boolean newOne = serves(later);
                  boolean oldOne = serves(original);
                  both.compareAndSet(false, newOne && oldOne);
                  Thread.onSpinWait();
                }
              });
      later
          .overlay
          .enter(List.of(ring.members.get(0).entryPoint()), EntryMode.JOIN_ONLY, TestRing.LIMIT)
          .join();
      await().atMost(TestRing.LIMIT).until(() -> serves(later));
      await().atMost(TestRing.LIMIT).until(() -> !original.overlay.view().joined());
      over.set(true);
      watch.join();
      assertThat(both).isFalse();

      await().atMost(TestRing.LIMIT).until(() -> !clashes(original).isEmpty());
      assertThat(clashes(original).get(0).other())
          .isEqualTo(later.overlay.self().endpoint().toString());
      assertThat(clashes(original).get(0).stays()).isFalse();
      assertThat(clashes(original).get(0).advice()).contains("stop this one");
      await().atMost(TestRing.LIMIT).until(() -> !clashes(later).isEmpty());
      assertThat(clashes(later).get(0).other())
          .isEqualTo(original.overlay.self().endpoint().toString());
      assertThat(clashes(later).get(0).stays()).isTrue();
      assertThat(clashes(later).get(0).advice()).contains("identity.key");

      Key key = later.id().position();
      Outcome outcome = ring.members.get(0).key(key, 1, LIFE).join();
      assertThat(outcome).isInstanceOf(Outcome.Replied.class);
      assertThat(later.processed).contains(1);
      assertThat(original.processed).isEmpty();
    }
  }
}
