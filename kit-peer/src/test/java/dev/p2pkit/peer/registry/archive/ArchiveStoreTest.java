// Archives on a real disk.
package dev.p2pkit.peer.registry.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.peer.registry.archive.ArchiveStorage.Whole;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveStoreTest {
  @TempDir Path directory;

  private static Archive archive(int size) {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    return Archive.of(content);
  }

  private ArchiveStore store() {
    return new ArchiveStore(
        directory.resolve("archives"), Runnable::run, action -> action.accept(0));
  }

  private static byte[] chunk(Archive archive, int index) {
    int from = index * Chunks.BYTES;
    return Arrays.copyOfRange(
        archive.content(), from, from + Chunks.length(archive.length(), index));
  }

  private static <T> T answer(Consumer<Completion<T>> question) {
    AtomicReference<T> answer = new AtomicReference<>();
    question.accept((now, outcome) -> answer.set(outcome));
    return answer.get();
  }

  @Test
  void whatIsPutCanBeReadInChunksAndIsThereAfterARestart() throws IOException {
    Archive archive = archive(150_000);
    store().put(archive);
    ArchiveStore again = store();

    assertThat(again.has(archive.hash())).isTrue();
    assertThat(again.file(archive.hash())).hasBinaryContent(archive.content());
    for (int index = 0; index < 3; index++) {
      int at = index;
      assertThat(
              ArchiveStoreTest.<Optional<byte[]>>answer(it -> again.read(archive.hash(), at, it)))
          .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(chunk(archive, at)));
    }
    assertThat(ArchiveStoreTest.<Optional<byte[]>>answer(it -> again.read(archive.hash(), 3, it)))
        .isEmpty();
  }

  @Test
  void chunksInAnyOrderBecomeTheArchive() {
    Archive archive = archive(200_000);
    ArchiveStore store = store();
    ArchiveStorage.Incoming incoming = store.receive(Edition.of(archive, "1", true, true));
    for (int index : new int[] {3, 0, 2, 1}) {
      assertThat(
              ArchiveStoreTest.<Boolean>answer(
                  it -> incoming.write(index, chunk(archive, index), it)))
          .isTrue();
      assertThat(store.has(archive.hash())).isFalse();
    }
    assertThat(ArchiveStoreTest.<Whole>answer(incoming::finish)).isEqualTo(Whole.KEPT);
    assertThat(store.file(archive.hash())).hasBinaryContent(archive.content());
  }

  @Test
  void whatDoesNotAddUpIsNotKept() throws IOException {
    Archive archive = archive(1_000);
    ArchiveStore store = store();
    ArchiveStorage.Incoming incoming = store.receive(Edition.of(archive, "1", true, true));
    ArchiveStoreTest.<Boolean>answer(it -> incoming.write(0, new byte[1_000], it));
    assertThat(ArchiveStoreTest.<Whole>answer(incoming::finish)).isEqualTo(Whole.MISMATCH);
    incoming.abandon();
    assertThat(store.has(archive.hash())).isFalse();
    try (Stream<Path> files = Files.list(directory.resolve("archives"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aFileThatWasChangedIsDeletedAtTheStartAndBeforeUse() throws IOException {
    Archive archive = archive(1_000);
    ArchiveStore store = store();
    store.put(archive);
    Path file = store.file(archive.hash());
    Files.write(file, new byte[1_000]);
    assertThat(ArchiveStoreTest.<Boolean>answer(it -> store.check(archive.hash(), it))).isFalse();
    assertThat(store.has(archive.hash())).isFalse();
    assertThat(file).doesNotExist();

    store.put(archive);
    Files.write(file, new byte[3]);
    Files.write(directory.resolve("archives/left-over.part"), new byte[3]);
    assertThat(store().has(archive.hash())).isFalse();
    try (Stream<Path> files = Files.list(directory.resolve("archives"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aDirectoryThatCannotBeUsedIsNamed() throws IOException {
    Files.writeString(directory.resolve("archives"), "in the way");
    assertThatThrownBy(this::store)
        .isInstanceOf(KitException.class)
        .hasMessageContaining(directory.resolve("archives").toString());
  }
}
