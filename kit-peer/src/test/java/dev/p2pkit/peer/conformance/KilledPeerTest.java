// A peer process with journalled state is killed under load: nothing acknowledged is lost or
// doubled.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.UpdateReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledPeerTest {
  private static final List<String> FLAGS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final SendOptions PLAIN = SendOptions.within(Duration.ofSeconds(60));
  private static final SendOptions ONCE = PLAIN.once();
  private static final int LANES = 6;

  /** The number that each lane said last; and what must never be. */
  private static final String SOURCE =
      """
      @KitService(name = "steps", version = "VERSION", state = Maker.Steps.class, schema = VERSION,
          durability = Durability.JOURNAL)
      public final class Maker implements ServiceMaker {
        public record Steps(Map<String, Long> last, long doubled, long gaps, long upgrades) {}
        public record Step(String lane, long number) {}
        public record Ask(String lane) {}
        public record Said(long last, long doubled, long gaps, long upgrades, int version) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Steps.class)
              .initialState(() -> new Steps(Map.of(), 0, 0, VERSION - 1))
              UPGRADE
              .on(Step.class, (step, steps, context) -> {
                long before = steps.last().getOrDefault(step.lane(), 0L);
                var last = new TreeMap<>(steps.last());
                last.put(step.lane(), step.number());
                var next = new Steps(last,
                    steps.doubled() + (step.number() <= before ? 1 : 0),
                    steps.gaps() + (step.number() > before + 1 ? 1 : 0), steps.upgrades());
                context.reply(said(next, step.lane()));
                return next;
              })
              .on(Ask.class, (ask, steps, context) -> {
                context.reply(said(steps, ask.lane()));
                return steps;
              })
              .build();
        }
        static Said said(Steps steps, String lane) {
          return new Said(steps.last().getOrDefault(lane, 0L), steps.doubled(), steps.gaps(),
              steps.upgrades(), VERSION);
        }
      }
      """;

  record Step(String lane, long number) {}

  record Ask(String lane) {}

  record Said(long last, long doubled, long gaps, long upgrades, int version) {}

  @TempDir Path directory;
  private Peer caller;
  private PeerProcess victim;
  private PeerId target;
  private ServiceHandle steps;
  private final AtomicLong acknowledged = new AtomicLong();
  private volatile boolean over;
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private static Archive version(int number) {
    String upgrade =
        number == 1
            ? ""
            : ".upgradeFrom(1, old -> new Steps(numbers(old), old.getLong(\"doubled\"),"
                + " old.getLong(\"gaps\"), old.getLong(\"upgrades\") + 1))";
    String source = SOURCE.replace("UPGRADE", upgrade).replace("VERSION", String.valueOf(number));
    if (number > 1) {
      source =
          source.replace(
              "static Said said",
              """
              static Map<String, Long> numbers(Tree old) {
                var all = new TreeMap<String, Long>();
                old.getMap("last").forEach((k, v) -> all.put((String) k, (Long) v));
                return all;
              }
              static Said said""");
    }
    return Archives.of(source);
  }

  @BeforeEach
  void start() throws IOException {
    caller = new Owner(directory).found();
    victim = startVictim();
    target = get(victim.ready()).peerId();
    await().untilAsserted(() -> assertThat(get(caller.ring())).hasSize(2));
    steps = get(caller.install(version(1), InstallOptions.named("steps")));
  }

  @AfterEach
  void stop() {
    over = true;
    victim.kill();
    victim.close();
    get(caller.leave());
  }

  private PeerProcess startVictim() throws IOException {
    String trusted = new Owner(directory).trusted();
    List<String> arguments =
        new ArrayList<>(List.of("--trust", trusted, "--join", caller.entryPoint()));
    return PeerProcess.start(directory.resolve("victim"), FLAGS, arguments, line -> {});
  }

  private CompletableFuture<Said> step(String lane, long number, SendOptions options) {
    return steps.peer(target).rpc(new Step(lane, number), Said.class, options);
  }

  /** Sends 1, 2, 3 … and waits for each; what may have been processed is asked for. */
  private long plainLane(String lane) {
    long number = 0;
    while (!over) {
      try {
        assertThat(step(lane, number + 1, PLAIN).join().last()).isEqualTo(number + 1);
        number++;
        acknowledged.incrementAndGet();
      } catch (RuntimeException e) {
        KitException why = KitException.from(e);
        long said = ask(lane);
        assertThat(said)
            .as("%s after %s", lane, why)
            .isBetween(number, why.code().delivery() == Delivery.UNKNOWN ? number + 1 : number);
        number = said;
      }
    }
    return number;
  }

  private long ask(String lane) {
    return steps.peer(target).rpc(new Ask(lane), Said.class, ONCE).join().last();
  }

  /** Has 16 under way, in order, each of which must take effect exactly once. */
  private long onceLane(String lane) {
    Deque<CompletableFuture<Said>> open = new ArrayDeque<>();
    long sent = 0;
    long answered = 0;
    while (!over || !open.isEmpty()) {
      while (!over && open.size() < 16) {
        open.add(step(lane, ++sent, ONCE));
      }
      CompletableFuture<Said> next = open.poll();
      if (next != null) {
        assertThat(next.join().last()).isEqualTo(++answered);
        acknowledged.incrementAndGet();
      }
    }
    return answered;
  }

  private void killAtRandomMoments(int rounds, int upgradeIn) throws Exception {
    List<CompletableFuture<Long>> lanes = new ArrayList<>();
    for (int i = 0; i < LANES; i++) {
      String lane = (i % 2 == 0 ? "plain-" : "once-") + i;
      CompletableFuture<Long> last = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  last.complete(lane.startsWith("plain") ? plainLane(lane) : onceLane(lane));
                } catch (Throwable e) {
                  last.completeExceptionally(e);
                }
              },
              lane);
      thread.setDaemon(true);
      thread.start();
      lanes.add(last);
    }
    CompletableFuture<UpdateReport> upgrade = new CompletableFuture<>();
    for (int round = 0; round < rounds; round++) {
      long until = acknowledged.get() + 20 + random.nextInt(600);
      if (round == upgradeIn) {
        CompletableFuture<?> unused =
            steps
                .update(version(2), InstallOptions.DEFAULT)
                .whenComplete((report, failed) -> upgrade.complete(report));
      }
      await()
          .pollInterval(Duration.ofMillis(1))
          .untilAsserted(
              () -> {
                assertThat(lanes).noneMatch(CompletableFuture::isDone);
                assertThat(acknowledged.get()).isGreaterThan(until);
              });
      victim.kill();
      victim.close();
      victim = startVictim();
      assertThat(get(victim.ready()).peerId()).isEqualTo(target);
    }
    long until = acknowledged.get() + 50;
    await().until(() -> acknowledged.get() > until || lanes.stream().anyMatch(l -> l.isDone()));
    over = true;
    for (int i = 0; i < LANES; i++) {
      long last = get(lanes.get(i));
      String lane = (i % 2 == 0 ? "plain-" : "once-") + i;
      Said said = get(steps.peer(target).rpc(new Ask(lane), Said.class, PLAIN));
      assertThat(said.last()).as("seed %s, %s", seed, lane).isEqualTo(last);
      assertThat(said.doubled()).as("seed %s, applied twice", seed).isZero();
      assertThat(said.gaps()).as("seed %s, lost or overtaken", seed).isZero();
      assertThat(said.upgrades()).as("state and version fit").isEqualTo(said.version() - 1);
    }
  }

  /** Acceptance test 9 of the service platform. */
  @Test
  void acceptance9_killWithJournal_noAcknowledgedMessageIsLostAndNoneAppliedTwice()
      throws Exception {
    killAtRandomMoments(3, 1);
  }

  /**
   * The proxy peer lives and repeats for its client; the answers of what the killed peer had stored
   * are lost with its links.
   */
  @Test
  void aClientsMessagesTakeEffectOnceThoughTheirAnswersAreLost() throws Exception {
    try (Client client =
        get(Client.connect(List.of(caller.clientTicket(Duration.ofMinutes(10)))))) {
      steps = get(client.service("steps"));
      killAtRandomMoments(2, -1);
    }
  }

  @Test
  @Tag("long")
  void acceptance9_killWithJournal_fiftyRounds() throws Exception {
    killAtRandomMoments(50, 20);
  }
}
