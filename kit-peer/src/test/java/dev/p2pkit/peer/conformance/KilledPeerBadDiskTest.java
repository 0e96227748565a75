// A peer process is killed while its disk is full, and started again with damaged files: no
// acknowledged turn is lost or doubled, the error is clear, and the other services go on.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledPeerBadDiskTest {
  private static final List<String> FLAGS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final SendOptions PLAIN = SendOptions.within(Duration.ofSeconds(20));
  private static final int DISK_KIB = 2_048;
  private static final int STEPS = 40;

  /** The number that was said last; and what must never be. */
  private static final String SOURCE =
      """
      @KitService(name = "NAME", version = "1", state = Maker.Steps.class, schema = 1,
          durability = Durability.DURABILITY)
      public final class Maker implements ServiceMaker {
        public record Steps(long last, long doubled, long gaps, String pad) {}
        public record Step(long number, String pad) {}
        public record Said(long last, long doubled, long gaps) {}
        public record Ask(String what) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(Steps.class)
              .initialState(() -> new Steps(0, 0, 0, ""))
              .on(Step.class, (step, steps, context) -> {
                var next = new Steps(step.number(),
                    steps.doubled() + (step.number() <= steps.last() ? 1 : 0),
                    steps.gaps() + (step.number() > steps.last() + 1 ? 1 : 0), step.pad());
                context.reply(new Said(next.last(), next.doubled(), next.gaps()));
                return next;
              })
              .on(Ask.class, (ask, steps, context) -> {
                context.reply(new Said(steps.last(), steps.doubled(), steps.gaps()));
                return steps;
              })
              .build();
        }
      }
      """;

  record Step(long number, String pad) {}

  record Ask(String what) {}

  record Said(long last, long doubled, long gaps) {}

  /** A service and what its caller knows of it. */
  private final class Lane {
    final String name;
    final ServiceHandle handle;
    long acknowledged;
    long atMost;

    Lane(String name, String durability) {
      this.name = name;
      Archive archive = Archives.of(SOURCE.replace("NAME", name).replace("DURABILITY", durability));
      handle = get(caller.install(archive, InstallOptions.named(name)));
    }

    /** Goes on by so many steps, each of which must be acknowledged. */
    void steps(int count) {
      for (int i = 0; i < count; i++) {
        step();
      }
    }

    private void step() {
      long next = acknowledged + 1;
      Said said = get(handle.peer(target).rpc(new Step(next, ""), Said.class, PLAIN));
      assertThat(said.last()).isEqualTo(next);
      acknowledged = next;
      atMost = next;
    }

    /** Goes on until a step fails. */
    KitException stepsUntilOneFails() {
      for (int i = 0; i < 500; i++) {
        try {
          // Large, so that it finds no room among what is in the file already.
          Step step = new Step(acknowledged + 1, noise(32_768));
          handle.peer(target).rpc(step, Said.class, PLAIN).join();
          acknowledged++;
          atMost = acknowledged;
        } catch (RuntimeException e) {
          KitException why = KitException.from(e);
          atMost = acknowledged + (why.code().delivery() == Delivery.UNKNOWN ? 1 : 0);
          return why;
        }
      }
      throw new AssertionError("the disk is full, and " + name + " still stores its turns");
    }

    /** Has exactly what was acknowledged, and nothing twice. */
    void check() {
      Said said = get(handle.peer(target).rpc(new Ask("all"), Said.class, PLAIN));
      assertThat(said.last()).as(name).isBetween(acknowledged, atMost);
      assertThat(said.doubled()).as("%s, applied twice", name).isZero();
      assertThat(said.gaps()).as("%s, lost", name).isZero();
      acknowledged = said.last();
      atMost = said.last();
    }

    ServiceStatus.OnPeer status() {
      return get(handle.status()).peers().stream()
          .filter(peer -> peer.peer().equals(target))
          .findFirst()
          .orElseThrow();
    }

    /** In its place, as the operator sees it. */
    Path file() {
      return data().resolve("state").resolve(name).resolve("1.state");
    }
  }

  private String noise(int characters) {
    return random
        .ints(characters, 'a', 'z')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @TempDir Path directory;
  private Peer caller;
  private PeerProcess victim;
  private PeerId target;
  private boolean mounted;
  private final Random random = new Random(7);

  private Path data() {
    return directory.resolve("victim/data");
  }

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(data());
    mounted = SmallDisk.mount(data(), DISK_KIB);
    caller = new Owner(directory).found();
    startVictim();
    await().untilAsserted(() -> assertThat(get(caller.ring())).hasSize(2));
  }

  @AfterEach
  void stop() throws Exception {
    victim.kill();
    victim.close();
    get(caller.leave());
    if (mounted) {
      assertThat(SmallDisk.unmount(data())).isTrue();
    }
  }

  private void startVictim() throws IOException {
    String trusted = new Owner(directory).trusted();
    victim =
        PeerProcess.start(
            directory.resolve("victim"),
            FLAGS,
            List.of("--trust", trusted, "--join", caller.entryPoint()),
            line -> {});
    target = get(victim.ready()).peerId();
  }

  private void kill() throws InterruptedException {
    victim.kill();
    assertThat(victim.awaitExit(Duration.ofSeconds(20))).isTrue();
    victim.close();
  }

  private Path fill() throws IOException {
    Path filler = data().resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[512];
      for (int written = 0; written <= DISK_KIB * 1_024; written += page.length) {
        out.write(page);
      }
      throw new AssertionError("the disk is larger than it should be");
    } catch (IOException full) {
      return filler;
    }
  }

  private void killOnAFullDisk(int rounds) throws Exception {
    if (!mounted) {
      System.err.println("skipped: this user may not mount a small disk, so none can be full");
    }
    assumeTrue(mounted, "this user may not mount a small disk");
    Lane durable = new Lane("durable", "JOURNAL");
    Lane memory = new Lane("memory", "NONE");
    for (int round = 0; round < rounds; round++) {
      durable.steps(STEPS + random.nextInt(STEPS));
      memory.steps(5);
      Path filler = fill();
      KitException why = durable.stepsUntilOneFails();
      assertThat(why.code()).isIn(ErrorCode.QUOTA, ErrorCode.SERVICE_CRASHED);
      assertThat(why.detail()).contains(durable.file().toString());
      memory.steps(20);
      memory.check();
      await()
          .untilAsserted(
              () -> assertThat(durable.status().phase()).isEqualTo(ServiceStatus.Phase.FAILED));
      if (round % 2 == 0) {
        kill();
        Files.delete(filler);
        startVictim();
        memory.acknowledged = 0;
        memory.atMost = 0;
      } else {
        Files.delete(filler);
        await()
            .untilAsserted(
                () ->
                    assertThat(durable.handle.peer(target).rpc(new Ask("all"), Said.class, PLAIN))
                        .succeedsWithin(Duration.ofSeconds(20)));
      }
      durable.check();
      memory.check();
    }
    durable.steps(STEPS);
    durable.check();
  }

  private void truncate(Path file) throws IOException {
    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
      cut.setLength(1 + random.nextLong(cut.length() / 2));
    }
  }

  /** All of it but the first page, so that it still looks like what it was. */
  private void garble(Path file) throws IOException {
    try (RandomAccessFile bad = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] noise = new byte[(int) bad.length() - 4_096];
      random.nextBytes(noise);
      bad.seek(4_096);
      bad.write(noise);
    }
  }

  private void killAndDamage(int rounds) throws Exception {
    Lane hit = new Lane("hit", "JOURNAL");
    Lane other = new Lane("other", "JOURNAL");
    for (int round = 0; round < rounds; round++) {
      hit.steps(STEPS + random.nextInt(STEPS));
      other.steps(STEPS);
      kill();
      Path whole = directory.resolve("whole");
      Files.copy(hit.file(), whole, StandardCopyOption.REPLACE_EXISTING);
      if (round % 2 == 0) {
        truncate(hit.file());
      } else {
        garble(hit.file());
      }
      startVictim();
      other.check();
      other.steps(STEPS);
      ServiceStatus.OnPeer status = hit.status();
      assertThat(status.phase()).isEqualTo(ServiceStatus.Phase.FAILED);
      assertThat(status.detail())
          .contains("MIGRATION_FAILED", hit.file().toString(), "put a whole copy in the place");
      assertThat(
              failure(hit.handle.peer(target).rpc(new Ask("all"), Said.class, PLAIN))
                  .code()
                  .delivery())
          .isEqualTo(Delivery.NOT_DELIVERED);

      kill();
      try (Stream<Path> aside = Files.list(hit.file().getParent())) {
        for (Path damaged : aside.filter(it -> it.toString().contains(".damaged-")).toList()) {
          Files.delete(damaged);
        }
      }
      Files.copy(whole, hit.file());
      startVictim();
      hit.check();
      other.check();
    }
  }

  /** Acceptance test 9 of the service platform, where the disk has no room. */
  @Test
  void acceptance9_killWithJournalOnAFullDisk() throws Exception {
    killOnAFullDisk(1);
  }

  /** Acceptance test 9 of the service platform, where a file is not what it was. */
  @Test
  void acceptance9_killWithJournalAndATruncatedFile() throws Exception {
    killAndDamage(1);
  }

  @Test
  @Tag("long")
  void acceptance9_killWithJournalOnAFullDisk_tenRounds() throws Exception {
    killOnAFullDisk(10);
  }

  @Test
  @Tag("long")
  void acceptance9_killWithJournalAndTruncatedAndGarbledFiles_tenRounds() throws Exception {
    killAndDamage(10);
  }
}
