// What a program with Micrometer sees of its peer.
package dev.p2pkit.peer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.TestArchive;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceHandle;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerMetersTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final InstallOptions OPTIONS = InstallOptions.named("echo");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @TempDir Path directory;

  @AfterEach
  void stop() {
    registry.close();
  }

  /** Says what it is told, but for one word. */
  private static final String SOURCE =
      """
      package org.example.echo;
      import dev.p2pkit.sdk.*;
      @KitService(name = "echo", version = "VERSION")
      public final class Echo implements ServiceMaker {
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateless()
              .on(String.class, (text, context) -> {
                if (text.equals("crash")) throw new IllegalStateException(text);
                context.reply(text);
              })
              .build();
        }
      }
      """;

  private static Archive version(String version) {
    return TestArchive.compiled(
        Map.of("org.example.echo.Echo", SOURCE.replace("VERSION", version)));
  }

  private double value(String name, String... tags) {
    return registry.get(name).tags(tags).meter().measure().iterator().next().getValue();
  }

  /** As a registry does that is read from outside: every meter, again and again. */
  private void readAll() {
    registry.getMeters().forEach(meter -> meter.measure().forEach(it -> it.getValue()));
  }

  private List<String> versions() {
    return registry.find("p2pkit.service.turns").meters().stream()
        .map(Meter::getId)
        .map(id -> String.valueOf(id.getTag("version")))
        .toList();
  }

  @Test
  void aPeerAndItsServicesHaveMetersAsLongAsTheyAreThere() {
    try (Peer peer =
            Peer.builder().dataDirectory(directory).joinMode(JoinMode.CREATE).start().join();
        PeerMeters meters = new PeerMeters(peer)) {
      meters.bindTo(registry);
      assertThat(versions()).isEmpty();
      ServiceHandle echo = peer.install(version("1"), OPTIONS).join();
      for (int i = 0; i < 7; i++) {
        assertThat(echo.hash(i).rpc("hallo", String.class).join()).isEqualTo("hallo");
      }
      try {
        echo.hash(1).rpc("crash", String.class).join();
      } catch (CompletionException expected) {
        // Its turn counts as failed.
      }
      String here = peer.peerId().toString();
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                readAll();
                assertThat(value("p2pkit.service.turns", "service", "echo", "version", "1"))
                    .isEqualTo(8);
                assertThat(value("p2pkit.service.turns.failed", "service", "echo")).isEqualTo(1);
                assertThat(value("p2pkit.peer.turns", "peer", here)).isEqualTo(7);
                assertThat(value("p2pkit.peer.turns.crashed", "peer", here)).isEqualTo(1);
                assertThat(value("p2pkit.peer.services")).isEqualTo(1);
              });
      assertThat(value("p2pkit.service.turn.p99", "service", "echo")).isBetween(0.0, 60.0);
      assertThat(value("p2pkit.service.loaders.live", "instance", "1")).isEqualTo(1);

      echo.update(version("2"), OPTIONS).join();
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                readAll();
                assertThat(versions()).containsExactly("2");
              });
      echo.control(OPTIONS).withdraw().join();
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                readAll();
                assertThat(versions()).isEmpty();
                assertThat(registry.find("p2pkit.service.mailbox.size").meters()).isEmpty();
              });
      assertThat(value("p2pkit.peer.turns")).as("goes on counting").isEqualTo(7);
    }
    assertThat(registry.getMeters()).as("closed").isEmpty();
  }

  @Test
  void whatHasEndedAndIsNotNoticedYetIsNoNumber() {
    AtomicReference<List<ServiceFigures>> figures =
        new AtomicReference<>(
            List.of(
                new ServiceFigures(
                    "a", "1", "v", 4, 1, 2_000, 9_000, 3_000_000, 5, 6, 7, 8, 9, 10, 11, 2, 1)));
    ServiceMeters meters = new ServiceMeters(registry, Tags.of("peer", "p"), figures::get);
    assertThat(meters.follow()).isEqualTo(1);
    assertThat(value("p2pkit.service.cpu", "service", "a", "peer", "p")).isEqualTo(3);
    assertThat(value("p2pkit.service.turn.mean")).isEqualTo(0.002);
    assertThat(value("p2pkit.service.loaders.leaked")).isEqualTo(1);
    assertThat(registry.getMeters()).hasSize(14);

    figures.set(List.of());
    assertThat(value("p2pkit.service.mailbox.size")).isNaN();
    assertThat(meters.follow()).isZero();
    assertThat(registry.getMeters()).isEmpty();
  }
}
