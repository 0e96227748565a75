// Each start of a peer has a greater number than the one before, whatever the clock says.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataHomeTest {
  @TempDir private Path directory;

  private long start() {
    try (DataHome home = DataHome.open(Optional.of(directory), 0)) {
      return home.nextIncarnation();
    }
  }

  @Test
  void aClockThatWasSetBackDoesNotMakeARestartLookOld() throws IOException {
    long first = start();
    assertThat(start()).isGreaterThan(first);
    long ahead = first + 3_600_000;
    Files.writeString(directory.resolve("incarnation"), ahead + "\n");
    assertThat(start()).isEqualTo(ahead + 1);
  }

  @Test
  void aGarbledNumberIsReplacedByTheClock() throws IOException {
    Files.writeString(directory.resolve("incarnation"), "not a number");
    long before = System.currentTimeMillis();
    assertThat(start()).isGreaterThanOrEqualTo(before);
  }
}
