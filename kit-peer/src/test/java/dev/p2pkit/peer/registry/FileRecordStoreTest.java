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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecordStoreTest {
  @TempDir Path directory;

  private static ServiceRecord record(String name) {
    return ServiceRecord.first(OWNER, name, "1", World.edition(World.archive(1, 100), "1"), 1_000);
  }

  private FileRecordStore store() {
    return new FileRecordStore(directory, Runnable::run);
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

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> new FileRecordStore(file.resolve("registry"), Runnable::run))
        .isInstanceOf(KitException.class)
        .hasMessageContaining(file.toString());
  }
}
