// A version that ends the process of its peer again and again is given up by the peers it has hit.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, each killed by what runs in it, and started again as a supervisor would. */
class DeadlyUpgradeTest {
  private static final List<String> FLAGS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final SendOptions PLAIN = SendOptions.within(Duration.ofSeconds(20));

  private static final String SOURCE =
      """
      @KitService(name = "deadly", version = "VERSION", state = Maker.Count.class, schema = 1,
          durability = Durability.JOURNAL)
      public final class Maker implements ServiceMaker {
        public record Count(long number) {}
        public record Add(String how) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Count.class)
              .initialState(() -> new Count(0))
              .on(Add.class, (add, count, context) -> {
                if (add.how().equals("halt") && VERSION == 2) Runtime.getRuntime().halt(3);
                if (add.how().equals("exit") && VERSION == 2) System.exit(3);
                context.reply(count.number() + 1);
                return new Count(count.number() + 1);
              })
              .build();
        }
      }
      """;

  record Add(String how) {}

  @TempDir Path directory;
  private Peer caller;
  private PeerProcess victim;
  private PeerId target;
  private ServiceHandle deadly;

  private static Archive version(int number) {
    return Archives.of(SOURCE.replace("VERSION", String.valueOf(number)));
  }

  @BeforeEach
  void start() throws IOException {
    caller = new Owner(directory).found();
    victim = startVictim();
    target = get(victim.ready()).peerId();
    await().untilAsserted(() -> assertThat(get(caller.ring())).hasSize(2));
    deadly = get(caller.install(version(1), InstallOptions.named("deadly")));
  }

  @AfterEach
  void stop() {
    victim.kill();
    victim.close();
    get(caller.leave());
  }

  private PeerProcess startVictim() throws IOException {
    String trusted = new Owner(directory).trusted();
    return PeerProcess.start(
        directory.resolve("victim"),
        FLAGS,
        List.of("--trust", trusted, "--join", caller.entryPoint()),
        line -> {});
  }

  private long add() {
    return get(deadly.peer(target).rpc(new Add("well"), Long.class, PLAIN));
  }

  private Optional<ServiceStatus.OnPeer> status() {
    return get(deadly.status()).peers().stream()
        .filter(peer -> peer.peer().equals(target))
        .findFirst();
  }

  /** Halts, and orderly exits that the service itself asks for, count alike. */
  @Test
  @Tag("long")
  void aVersionThatEndsItsProcessFiveTimesInARowIsRevertedAtTheNextStart() throws Exception {
    assertThat(add()).isEqualTo(1);
    get(deadly.update(version(2), InstallOptions.DEFAULT));
    assertThat(add()).isEqualTo(2);
    for (int death = 1; death <= 5; death++) {
      String how = death % 2 == 0 ? "exit" : "halt";
      assertThat(failure(deadly.peer(target).rpc(new Add(how), Long.class, PLAIN)).code())
          .isNotNull();
      assertThat(victim.awaitExit(Duration.ofSeconds(30))).as(how).isTrue();
      victim.close();
      victim = startVictim();
      assertThat(get(victim.ready()).peerId()).isEqualTo(target);
      if (death == 3) {
        // An operator's restart in between is nobody's fault, and no excuse either.
        victim.close();
        victim = startVictim();
        assertThat(get(victim.ready()).peerId()).isEqualTo(target);
      }
    }
    await()
        .untilAsserted(
            () ->
                assertThat(status())
                    .hasValueSatisfying(
                        peer -> {
                          assertThat(peer.phase()).isEqualTo(ServiceStatus.Phase.REVERTED);
                          assertThat(peer.detail()).contains("died 5 times in a row");
                        }));
    assertThat(add()).as("nothing that was acknowledged is lost").isEqualTo(3);
    assertThat(get(deadly.peer(target).rpc(new Add("halt"), Long.class, PLAIN))).isEqualTo(4);
    victim.close();
    victim = startVictim();
    assertThat(get(victim.ready()).peerId()).isEqualTo(target);
    assertThat(add()).as("and it stays so over a restart").isEqualTo(5);
    assertThat(status().orElseThrow().phase()).isEqualTo(ServiceStatus.Phase.REVERTED);
  }
}
