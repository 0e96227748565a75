// Notices that find no room on the disk are counted, and written when there is room again.
package dev.p2pkit.peer.notices;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoticeWriterTest {
  /** Notices that are nothing but a line. */
  private static final class Lines extends NoticeFile<String> {
    Lines(Path directory) {
      super(directory, "lines", line -> line, line -> line);
    }
  }

  @TempDir Path directory;
  private final Deque<Runnable> later = new ArrayDeque<>();
  private NoticeWriter<String> writer;

  @BeforeEach
  void make() {
    writer = new NoticeWriter<>(new Lines(directory), Runnable::run, later::add);
  }

  private List<String> written() {
    return new Lines(directory).load();
  }

  /** Something in the way of the file, as a full disk is. */
  private Path block() throws IOException {
    return Files.createFile(
        Files.createDirectory(directory.resolve("lines.part")).resolve("in the way"));
  }

  private static void unblock(Path blocker) throws IOException {
    Files.delete(blocker);
    Files.delete(blocker.getParent());
  }

  @Test
  void whatCannotBeWrittenIsCountedAndTheLatestIsTriedAgainUntilItIs() throws IOException {
    writer.keep(List.of("one"));
    Path blocker = block();
    writer.keep(List.of("one", "two"));
    writer.keep(List.of("one", "two", "three"));
    assertThat(writer.failures()).isEqualTo(2);
    assertThat(written()).containsExactly("one");

    assertThat(later).as("one look at a time").hasSize(1);
    later.remove().run();
    assertThat(writer.failures()).isEqualTo(3);
    assertThat(later).hasSize(1);
    unblock(blocker);
    later.remove().run();
    assertThat(written()).containsExactly("one", "two", "three");
    assertThat(writer.failures()).isEqualTo(3);
    assertThat(later).isEmpty();
  }

  @Test
  void whatWasWrittenMeanwhileIsNotReplacedByWhatWasNot() throws IOException {
    Path blocker = block();
    writer.keep(List.of("old"));
    unblock(blocker);
    writer.keep(List.of("new"));
    later.remove().run();
    assertThat(written()).containsExactly("new");
    assertThat(later).isEmpty();
  }
}
