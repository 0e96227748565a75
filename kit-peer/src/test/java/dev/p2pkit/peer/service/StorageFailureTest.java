// What cannot be stored, and what is damaged: which service that costs, and what is said of it.
package dev.p2pkit.peer.service;

import static dev.p2pkit.peer.service.DurableServices.counter;
import static dev.p2pkit.peer.service.DurableServices.notes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.peer.conformance.SmallDisk;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent.ServiceStateDamaged;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageFailureTest {
  private static final Duration MOMENT = Duration.ofSeconds(20);
  private static final PeerId SENDER = new PeerId(Key.of(21));

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Path file(ServiceKey key) {
    return new StateFiles(directory.resolve("state"), Long.MAX_VALUE).file(key);
  }

  @Test
  void aFullFileFailsTheTurnWithQuotaAndTakesItBackWhileOthersGoOn() {
    rig.close();
    rig =
        new Rig(
            directory, RuntimeConfig.DEFAULT, new StateFiles(directory.resolve("state"), 60_000));
    rig.install(Rig.KEY, notes("JOURNAL", ""));
    rig.install(new ServiceKey("other", "1"), counter("JOURNAL"));
    rig.send("defer");
    assertThat(rig.rpc("a").answer(Long.class)).isEqualTo(1);
    List<ErrorCode> codes = new ArrayList<>();
    await()
        .atMost(MOMENT)
        .until(
            () -> {
              Call large = rig.send("large");
              try {
                large.answer();
              } catch (RuntimeException e) {
                codes.add(KitException.from(e).code());
              }
              return !codes.isEmpty();
            });
    assertThat(codes).containsExactly(ErrorCode.QUOTA);
    assertThat(rig.status().phase()).isEqualTo(Phase.FAILED);
    assertThat(rig.status().detail()).contains("limit");
    assertThat(rig.runtime.statistics().unstored()).isPositive();
    assertThat(rig.deliver(Call.rpc("other", "add")).answer(Long.class)).isEqualTo(1);
  }

  @Test
  void aFullDiskFailsTheTurnsAndWhenThereIsRoomTheServiceGoesOnWhereItWas() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(SmallDisk.mount(disk, 256), "this user may not mount a small disk");
    try {
      rig.close();
      rig = new Rig(directory, RuntimeConfig.DEFAULT, new StateFiles(disk, Long.MAX_VALUE));
      rig.install(Rig.KEY, notes("JOURNAL", ""));
      Call deferred = rig.send("defer");
      rig.send("much later").answer();
      assertThat(rig.rpc("a").answer(Long.class)).isEqualTo(2);
      Path filler = fill(disk);
      Once once = new Once(SENDER, 1, 1, 1, 0);
      assertThat(rig.deliver(Call.once(once, "b")).failure().code())
          .isIn(ErrorCode.QUOTA, ErrorCode.SERVICE_CRASHED);
      Files.delete(filler);
      await()
          .atMost(MOMENT)
          .untilAsserted(
              () -> assertThat(rig.deliver(Call.once(once, "b")).answer(Long.class)).isEqualTo(3));
      assertThat(rig.status().phase()).isEqualTo(Phase.ACTIVE);
      rig.rpc("open").answer();
      rig.rpc("resume").answer();
      deferred.answer();
      assertThat(rig.rpc("read").answer(String.class))
          .isEqualTo("much later a b open resume defer");
    } finally {
      rig.close();
      assertThat(SmallDisk.unmount(disk)).isTrue();
    }
  }

  private static Path fill(Path disk) throws IOException {
    Path filler = disk.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[512];
      for (int i = 0; i < 1_024; i++) {
        out.write(page);
      }
      throw new AssertionError("the disk is larger than it should be");
    } catch (IOException full) {
      return filler;
    }
  }

  private void truncate() throws IOException {
    try (RandomAccessFile cut = new RandomAccessFile(file(Rig.KEY).toFile(), "rw")) {
      cut.setLength(cut.length() / 2);
    }
  }

  @Test
  void aTruncatedFileCostsThatOneServiceUntilSomebodySeesToIt() throws IOException {
    ServiceKey other = new ServiceKey("other", "1");
    rig.install(Rig.KEY, counter("JOURNAL"));
    rig.install(other, counter("JOURNAL"));
    for (int i = 0; i < 20; i++) {
      rig.rpc("add").answer();
      rig.deliver(Call.rpc("other", "add")).answer();
    }
    rig.close();
    Path whole = Files.copy(file(Rig.KEY), directory.resolve("whole"));
    truncate();
    for (int start = 0; start < 2; start++) {
      rig = new Rig(directory, RuntimeConfig.DEFAULT);
      KitException why = rig.refusal(counter("JOURNAL"));
      assertThat(why.code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
      assertThat(why.detail()).contains(file(Rig.KEY).toString(), "delete");
      rig.install(other, counter("JOURNAL"));
      assertThat(rig.deliver(Call.rpc("other", "read")).answer(Long.class)).isEqualTo(20);
      if (start == 0) {
        assertThat(rig.runtime.statistics().damaged()).isEqualTo(1);
        await()
            .atMost(MOMENT)
            .until(() -> rig.events.stream().anyMatch(e -> e instanceof ServiceStateDamaged));
      }
      rig.close();
    }
    Files.copy(whole, file(Rig.KEY));
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
    rig.install(Rig.KEY, counter("JOURNAL"));
    assertThat(rig.rpc("read").answer(Long.class))
        .as("the copy that was put in its place")
        .isEqualTo(20);
  }

  @Test
  void aTruncatedFileLetsTheServiceBeginAnewWhereItsDescriptorAllowsIt() throws IOException {
    Archive archive = notes("JOURNAL", ",\"startAnewIfDamaged\":true");
    rig.install(Rig.KEY, archive);
    rig.rpc("a").answer();
    rig.close();
    truncate();
    rig = new Rig(directory, RuntimeConfig.DEFAULT);
    rig.install(Rig.KEY, archive);
    assertThat(rig.rpc("b").answer(Long.class)).isEqualTo(1);
    await()
        .atMost(MOMENT)
        .until(
            () ->
                rig.events.stream()
                    .anyMatch(e -> e instanceof ServiceStateDamaged lost && lost.startedAnew()));
  }
}
