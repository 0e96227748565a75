// Records on a real disk: kept over a restart, and what happens to damaged ones.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OWNER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecordStoreTest {
  @TempDir Path directory;
  private final Deque<Runnable> later = new ArrayDeque<>();

  private static ServiceRecord record(String name) {
    return ServiceRecord.first(OWNER, name, "1", World.edition(World.archive(1, 100), "1"), 1_000);
  }

  private FileRecordStore store() {
    return new FileRecordStore(directory, Runnable::run, later::add);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void theLastRecordOfEachChainIsThereAfterARestart() throws IOException {
    ServiceRecord first = record("one");
    ServiceRecord next = first.next(OWNER, World.edition(World.archive(2, 100), "2"), 2_000);
    RecordStore.Kept two = new RecordStore.Kept(record("two"), List.of(), Standing.NEW, List.of());
    RecordStore.Kept kept =
        new RecordStore.Kept(
            next,
            List.of(new Key(1, 2), new Key(3, 4)),
            Standing.NEW
                .opened(next.archive())
                .setback(new Standing.Setback(next.archive(), first.archive(), "it crashed")),
            List.of(first, next));
    store().save(new RecordStore.Kept(first, List.of(), Standing.NEW, List.of(first)));
    store().save(kept);
    store().save(two);

    assertThat(store().load()).containsExactlyInAnyOrder(kept, two);
    assertThat(files()).hasSize(2);
  }

  @Test
  void aDamagedFileIsMovedAsideAndTheOthersAreRead() throws IOException {
    store().save(new RecordStore.Kept(record("one"), List.of(), Standing.NEW, List.of()));
    Path damaged = files().get(0);
    byte[] bytes = Files.readAllBytes(damaged);
    store().save(new RecordStore.Kept(record("two"), List.of(), Standing.NEW, List.of()));
    for (int round = 0; round < 3; round++) {
      byte[] bad =
          switch (round) {
            case 0 -> Arrays.copyOf(bytes, bytes.length / 2);
            case 1 -> new byte[0];
            default -> {
              byte[] changed = bytes.clone();
              changed[40] ^= 1;
              yield changed;
            }
          };
      Files.write(damaged, bad);
      assertThat(store().load()).extracting(kept -> kept.record().name()).containsExactly("two");
      assertThat(damaged).doesNotExist();
      assertThat(damaged.resolveSibling(damaged.getFileName() + ".damaged")).hasBinaryContent(bad);
    }
  }

  private static RecordStore.Kept kept(ServiceRecord record) {
    return new RecordStore.Kept(record, List.of(), Standing.NEW, List.of());
  }

  /** Takes the name of a file, so that nothing can be written under it. */
  private static Path block(Path file) throws IOException {
    Files.delete(file);
    return Files.createFile(Files.createDirectory(file).resolve("in the way"));
  }

  private static void unblock(Path blocker) throws IOException {
    Files.delete(blocker);
    Files.delete(blocker.getParent());
  }

  @Test
  void whatCannotBeWrittenIsCountedAndTriedAgainUntilItIs() throws IOException {
    ServiceRecord first = record("one");
    ServiceRecord second = first.next(OWNER, World.edition(World.archive(2, 100), "2"), 2_000);
    ServiceRecord third = second.next(OWNER, World.edition(World.archive(3, 100), "3"), 3_000);
    FileRecordStore store = store();
    store.save(kept(first));
    Path file = files().get(0);
    Path blocker = block(file);
    store.save(kept(second));
    store.save(kept(third));
    assertThat(store.failures()).isEqualTo(2);
    assertThat(store.trouble(third))
        .hasValueSatisfying(why -> assertThat(why).contains("not on the disk", "make room"));
    assertThat(store.trouble(record("two"))).isEmpty();
    assertThat(files()).as("nothing is left half way").containsExactly(file);
    store.save(kept(record("two")));
    assertThat(files()).as("others are kept").hasSize(2);

    assertThat(later).as("one look at a time").hasSize(1);
    later.remove().run();
    assertThat(store.failures()).isEqualTo(3);
    assertThat(later).hasSize(1);
    unblock(blocker);
    later.remove().run();
    assertThat(store().load()).containsExactlyInAnyOrder(kept(third), kept(record("two")));
    assertThat(store.failures()).isEqualTo(3);
    assertThat(store.trouble(third)).isEmpty();
    assertThat(later).isEmpty();
  }

  @Test
  void whatWasForgottenMeanwhileIsNotWrittenAnyMore() throws IOException {
    FileRecordStore store = store();
    store.save(kept(record("one")));
    Path blocker = block(files().get(0));
    store.save(kept(record("one")));
    unblock(blocker);
    store.forget(record("one"));
    later.remove().run();
    assertThat(files()).isEmpty();
    assertThat(later).isEmpty();
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(
            () -> new FileRecordStore(file.resolve("registry"), Runnable::run, later::add))
        .isInstanceOf(KitException.class)
        .hasMessageContaining(file.toString());
  }
}
