// Acceptance of class loading: each sample service, upgraded again and again on a real peer while
// it is called, leaves nothing of its old versions in memory.
package dev.p2pkit.samples;

import static dev.p2pkit.sdk.InstallOptions.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.TestArchive;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleUpgradesAcceptanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CALLS = 20;

  /** A sample: where its two versions are, and how it is called. */
  enum Sample {
    COUNTER("counter", "src/counter-v1/java", "src/counter-v2/java"),
    /** There is one version of it, so that the second has a class more. */
    CHAT("chat", "src/chat/java", "src/chat/java"),
    /** Its state is journalled. */
    STOCK("stock", "stock/src/test/previous", "stock/src/main/java");

    private final String service;
    private final String first;
    private final String second;

    Sample(String service, String first, String second) {
      this.service = service;
      this.first = first;
      this.second = second;
    }

    CompletableFuture<?> call(ServiceHandle.Target target, int number) {
      return switch (this) {
        case COUNTER -> target.rpc(Map.of("by", 1, "id", "call-" + number), Map.class);
        case STOCK -> target.rpc(Map.of("pieces", number), Map.class);
        // The members of a room talk besides; who is not in it gets a refusal.
        case CHAT ->
            target
                .rpc(Map.of("room", "lobby", "name", "eve", "text", "" + number), Map.class)
                .exceptionally(refusal -> Map.of());
      };
    }

    /**
     * The two archives, built of the sources that the sample shows.
     *
     * @param eventLoop whether its turns run on the threads of the network
     */
    List<Archive> versions(boolean eventLoop) {
      Map<String, String> more =
          first.equals(second)
              ? Map.of("org.example.Later", "package org.example; public final class Later {}")
              : Map.of();
      return List.of(
          built(Path.of(first), eventLoop, Map.of()), built(Path.of(second), eventLoop, more));
    }

    private static Archive built(Path sources, boolean eventLoop, Map<String, String> more) {
      Map<String, String> texts = new TreeMap<>(more);
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
          String name = sources.relativize(file).toString().replace('\\', '.').replace('/', '.');
          String text = Files.readString(file);
          texts.put(
              name.substring(0, name.length() - ".java".length()),
              eventLoop
                  ? text.replace(
                      "@KitService(",
                      "@KitService(execution = dev.p2pkit.sdk.Execution.EVENT_LOOP, ")
                  : text);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return TestArchive.compiled(texts);
    }
  }

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Sample.class)
  void acceptance8_afterUpgradesOfASampleOneClassLoaderIsAlive(Sample sample) {
    upgrade(sample, false, 4);
  }

  @Test
  void acceptance8_alsoWhereItsTurnsRunOnTheThreadsOfTheNetwork() {
    upgrade(Sample.COUNTER, true, 4);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(Sample.class)
  void acceptance8_afterTwoHundredUpgradesOfASampleOneClassLoaderIsAlive(Sample sample) {
    upgrade(sample, false, 200);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(Sample.class)
  void acceptance8_afterTwoHundredUpgradesOnTheThreadsOfTheNetworkToo(Sample sample) {
    upgrade(sample, true, 200);
  }

  private void upgrade(Sample sample, boolean eventLoop, int upgrades) {
    List<Archive> versions = sample.versions(eventLoop);
    try (SampleRing ring = SampleRing.of(1, directory);
        Client client = ring.client()) {
      Peer peer = ring.first();
      ServiceHandle inside = peer.install(versions.get(0), named(sample.service)).join();
      ServiceHandle outside = client.service(sample.service).join();
      List<String> heard = new CopyOnWriteArrayList<>();
      Optional<ChatMember> member =
          sample == Sample.CHAT ? Optional.of(alice(client, heard)) : Optional.empty();
      for (int i = 1; i <= upgrades; i++) {
        call(sample, inside, outside);
        String line = "line " + i;
        member.ifPresent(alice -> alice.say(line).join());
        inside.update(versions.get(i % 2), named(sample.service)).join();
      }
      call(sample, inside, outside);
      int said = member.isPresent() ? upgrades : 0;
      await().atMost(LIMIT).untilAsserted(() -> assertThat(heard).hasSize(said));
      member.ifPresent(ChatMember::close);
      awaitLoaders(peer, 1);
      ServiceFigures figures = peer.serviceFigures().get(0);
      assertThat(figures.liveLoaders()).isEqualTo(1);
      assertThat(figures.leakedLoaders()).isZero();
      assertThat(figures.turns()).isPositive();
      inside.control(named(sample.service)).withdraw().join();
      awaitLoaders(peer, 0);
    }
  }

  private static ChatMember alice(Client client, List<String> heard) {
    return ChatMember.join(client, "lobby", "alice", it -> heard.add("" + it.get("text"))).join();
  }

  private static void call(Sample sample, ServiceHandle inside, ServiceHandle outside) {
    CompletableFuture<?>[] calls = new CompletableFuture<?>[CALLS];
    for (int i = 0; i < CALLS; i++) {
      calls[i] = sample.call((i % 2 == 0 ? inside : outside).hash("key-" + i), i);
    }
    CompletableFuture.allOf(calls).join();
  }

  private static void awaitLoaders(Peer peer, int number) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(peer.serviceStatistics().loadersAlive()).isEqualTo(number);
            });
  }
}
