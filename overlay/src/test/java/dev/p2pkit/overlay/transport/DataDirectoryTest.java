// One process has a data directory, and its lock names that process and no copy of the directory.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  /** What is locked, by which process. */
  private static final Path LOCKS = Path.of("/proc/locks");

  @TempDir private Path temporary;

  /** Whether the system knows of a lock that this process holds on the directory. */
  private static boolean isLocked(Path directory) throws IOException {
    String inode = ":" + Files.getAttribute(directory.resolve("lock"), "unix:ino") + " ";
    String process = " " + ProcessHandle.current().pid() + " ";
    try (Stream<String> locks = Files.lines(LOCKS)) {
      return locks.anyMatch(lock -> lock.contains(inode) && lock.contains(process));
    }
  }

  private static Optional<Key> lock(Path directory) {
    try (DataDirectory opened = DataDirectory.open(directory)) {
      return opened.lock();
    }
  }

  @Test
  void anAttemptToOpenItTwiceInOneProcessDoesNotLetAnotherProcessIn() throws Exception {
    assumeTrue(Files.isReadable(LOCKS), "this machine has no list of locks");
    Path data = temporary.resolve("data");
    try (DataDirectory directory = DataDirectory.open(data)) {
      for (Path path : List.of(data, temporary.resolve("x").resolve("..").resolve("data"))) {
        Files.createDirectories(temporary.resolve("x"));
        assertThatExceptionOfType(KitException.class)
            .isThrownBy(() -> DataDirectory.open(path))
            .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE));
      }
      assertThat(isLocked(directory.path())).isTrue();
    }
    assertThat(isLocked(data)).isFalse();
  }

  @Test
  void whatAPeerMakesIsForItsUserAloneAndWhatIsThereStaysAsItIs() throws Exception {
    assumeTrue(
        temporary.getFileSystem().supportedFileAttributeViews().contains("posix"),
        "this file system has no modes");
    Path made = temporary.resolve("above").resolve("data");
    DataDirectory.open(made).close();
    assertThat(Files.getPosixFilePermissions(made))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    Path shared = Files.createDirectory(temporary.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-x---"));
    DataDirectory.open(shared).close();
    assertThat(Files.getPosixFilePermissions(shared))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
  }

  @Test
  void theLockHasTheSameNameAtEachStartAndACopyHasAnother() throws Exception {
    assumeTrue(
        Files.isReadable(Path.of("/proc/sys/kernel/random/boot_id")),
        "this machine has no number of its last start");
    Path data = temporary.resolve("data");
    Optional<Key> first = lock(data);
    assertThat(first).isPresent();
    assertThat(lock(data)).isEqualTo(first);
    Path copy = temporary.resolve("copy");
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    assertThat(Files.readAllBytes(copy.resolve("lock")))
        .isEqualTo(Files.readAllBytes(data.resolve("lock")));
    assertThat(lock(copy)).isPresent().isNotEqualTo(first);
    try (DataDirectory one = DataDirectory.open(data);
        DataDirectory other = DataDirectory.open(copy)) {
      assertThat(one.identity().id()).isEqualTo(other.identity().id());
    }
  }
}
