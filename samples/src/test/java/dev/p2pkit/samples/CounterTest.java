// The counter of samples/counter.md, on real peers and through a thin client.
package dev.p2pkit.samples;

import static dev.p2pkit.sdk.InstallOptions.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CounterTest {
  private static final Archive VERSION_1 = Archive.of(Path.of("target/counter-1.jar"));
  private static final Archive VERSION_2 = Archive.of(Path.of("target/counter-2.jar"));

  @TempDir Path directory;

  @Test
  void aProgramWithAPeerInside() {
    String count =
        EmbeddedPeer.count(directory.resolve("peer"), Path.of("target/counter-1.jar"), List.of());
    assertThat(count).isEqualTo("1");
  }

  @Test
  void theCountSurvivesTheUpgradeOnEachPeer() throws Exception {
    try (SampleRing ring = SampleRing.of(3, directory);
        Client client = ring.client()) {
      ServiceHandle counter = ring.first().install(VERSION_1, named("counter")).join();
      ServiceHandle fromOutside = client.service("counter").join();
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        calls.add(fromOutside.hash("user-" + i).rpc(Map.of("by", 1, "id", "call-" + i), Map.class));
      }
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
      assertThat(total(ring, counter)).isEqualTo(300);

      UpdateReport report = counter.update(VERSION_2, named("counter")).join();

      assertThat(report.missing()).isEmpty();
      assertThat(report.peers())
          .hasSize(3)
          .allSatisfy(
              peer -> {
                assertThat(peer.phase()).isEqualTo(ServiceStatus.Phase.ACTIVE);
                assertThat(peer.version()).isEqualTo("2");
              });
      assertThat(total(ring, counter)).isEqualTo(300);
      Map<?, ?> reply = read(counter, ring.first());
      assertThat(reply.get("version")).isEqualTo(2L);
      assertThat(reply.get("since")).isInstanceOf(Instant.class);
      assertThat(journal()).hasSize(300).doesNotHaveDuplicates();
    }
  }

  @Test
  void aPeerThatJoinsLaterRunsTheCounter() {
    try (SampleRing ring = SampleRing.of(1, directory)) {
      ServiceHandle counter = ring.first().install(VERSION_1, named("counter")).join();
      Peer late = ring.add();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(counter.status().join().peers())
                      .extracting(ServiceStatus.OnPeer::peer)
                      .contains(late.peerId()));
      assertThat(read(counter, late).get("count")).isEqualTo(0L);
    }
  }

  private static Map<?, ?> read(ServiceHandle counter, Peer peer) {
    return counter.peer(peer.peerId()).rpc(Map.of("reason", "test"), Map.class).join();
  }

  private static long total(SampleRing ring, ServiceHandle counter) {
    return ring.peers().stream().mapToLong(peer -> (Long) read(counter, peer).get("count")).sum();
  }

  private List<String> journal() throws Exception {
    List<String> ids = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(path -> path.endsWith("processed.log")).toList()) {
        Files.readAllLines(file).forEach(line -> ids.add(line.split(" ", 2)[1]));
      }
    }
    return ids;
  }
}
