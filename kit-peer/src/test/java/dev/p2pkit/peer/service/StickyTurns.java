// What tests of turns share: services that get stuck on request, on two threads and short pauses.
package dev.p2pkit.peer.service;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Afterwards no thread runs code of a service any more, or the test fails. */
abstract class StickyTurns {
  static final Duration MOMENT = Duration.ofSeconds(20);

  @TempDir Path directory;
  Rig rig;
  Gate gate;

  @BeforeEach
  void start() {
    gate = new Gate(serviceFile("x").getParent());
    rig =
        new Rig(
            directory,
            RuntimeConfig.DEFAULT
                .backOff(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(300))
                .workers(2));
  }

  @AfterEach
  void stop() {
    rig.close();
    gate.close();
    await()
        .atMost(MOMENT)
        .until(
            () ->
                Thread.getAllStackTraces().values().stream()
                    .flatMap(Arrays::stream)
                    .noneMatch(frame -> frame.getClassName().startsWith("svc.")));
  }

  static String mode(String mode, int turnMillis) {
    return ",\"execution\":{\"mode\":\"" + mode + "\",\"turnMillis\":" + turnMillis + "}";
  }

  Path serviceFile(String name) {
    return directory.resolve("services").resolve("svc").resolve("1").resolve(name);
  }
}
