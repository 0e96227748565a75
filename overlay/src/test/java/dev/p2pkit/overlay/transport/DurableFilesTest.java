// In which order a file is forced to the disk, and what is left where that fails.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
  private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final List<String> steps = new ArrayList<>();

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void theContentIsOnTheDiskBeforeItHasTheNameAndTheNameBeforeItIsSaidToBeThere()
      throws IOException {
    Path target = Files.writeString(directory.resolve("file"), "old");
    DurableFiles files =
        new DurableFiles(
            part ->
                steps.add("file " + Files.readString(part) + " beside " + Files.readString(target)),
            folder -> {
              assertThat(folder).isEqualTo(directory);
              steps.add("directory with " + Files.readString(target));
            });
    files.replace(target, NEW);
    assertThat(steps).containsExactly("file new beside old", "directory with new");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void whatCouldNotBeForcedTakesNothingsPlaceAndLeavesNothingBehind() throws IOException {
    Path target = Files.writeString(directory.resolve("file"), "old");
    DurableFiles files =
        new DurableFiles(
            part -> {
              throw new IOException("no space");
            },
            folder -> steps.add("directory"));
    assertThatThrownBy(() -> files.replace(target, NEW)).hasMessage("no space");
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("file");
    assertThat(steps).isEmpty();
  }

  @Test
  void theDisksOfThisHostAreForced() throws IOException {
    Path target = directory.resolve("file");
    DurableFiles.OF_HOST.replace(target, NEW);
    DurableFiles.OF_HOST.replace(target, "newer".getBytes(StandardCharsets.UTF_8));
    assertThat(target).hasContent("newer");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void aFullDiskKeepsWhatWasThere() throws Exception {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "none", directory.toString()),
        "this user may not mount a small disk");
    try {
      Path target = directory.resolve("file");
      DurableFiles.OF_HOST.replace(target, NEW);
      assertThatThrownBy(() -> DurableFiles.OF_HOST.replace(target, new byte[128 << 10]))
          .isInstanceOf(IOException.class);
      assertThat(target).hasContent("new");
      assertThat(names()).containsExactly("file");
      DurableFiles.OF_HOST.replace(target, new byte[32 << 10]);
      assertThat(target).hasSize(32 << 10);
    } finally {
      assertThat(run("umount", "-l", directory.toString())).isTrue();
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
