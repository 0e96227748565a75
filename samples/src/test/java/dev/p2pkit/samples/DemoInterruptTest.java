// Ctrl-C while the demo starts: no process and no directory of it stays.
package dev.p2pkit.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.peer.cli.process.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoInterruptTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir Path directory;

  @Test
  void anInterruptLeavesNothingBehind() throws Exception {
    Path output = directory.resolve("output");
    Process demo =
        new ProcessBuilder(
                JavaCommand.of(
                    List.of(
                        "-Xmx160m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.io.tmpdir=" + directory),
                    List.of("demo", "--samples", Path.of("target").toAbsolutePath().toString())))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Set<ProcessHandle> seen = new LinkedHashSet<>();
    try {
      // The first peer is there, and perhaps more of them: the moment with most to forget.
      await()
          .atMost(LIMIT)
          .until(() -> !demo.isAlive() || demo.descendants().peek(seen::add).count() >= 2);
      assertThat(demo.isAlive()).as(Files.readString(output)).isTrue();
      assertThat(places()).hasSize(1);

      interrupt(demo);

      await()
          .atMost(LIMIT)
          .until(
              () -> {
                demo.descendants().forEach(seen::add);
                return !demo.isAlive();
              });
      await().atMost(LIMIT).untilAsserted(() -> assertThat(seen).noneMatch(ProcessHandle::isAlive));
      assertThat(places()).isEmpty();
      assertThat(demo.exitValue()).isNotZero();
    } finally {
      demo.destroyForcibly();
      seen.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private List<Path> places() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("p2pkit-demo"))
          .toList();
    }
  }

  private static void interrupt(Process process) throws Exception {
    String signal = interruptsAreIgnored() ? "TERM" : "INT";
    Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  /**
   * A shell without job control starts what runs in the background with SIGINT ignored, and so do
   * its children's children: there, SIGTERM takes the same way through the JVM.
   */
  private static boolean interruptsAreIgnored() throws IOException {
    if (!Files.exists(STATUS)) {
      return false;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .map(line -> line.substring("SigIgn:".length()).strip())
        .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & (1 << 1)) != 0);
  }
}
