// The store on real files: what is committed is there, what is damaged or full says so.
package dev.p2pkit.peer.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.p2pkit.peer.store.StoreException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("sub/one.state");
  }

  private MvStateStore open() {
    return MvStateStore.open(file, MvStateStore.UNLIMITED);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(StateStore store, String table, String key) {
    return store.get(table, key).map(value -> new String(value, StandardCharsets.UTF_8)).orElse("");
  }

  private StoreException refused() {
    return catchThrowableOfType(
        StoreException.class,
        () -> {
          try (StateStore store = open()) {
            store.forEach("t", (key, value) -> {});
          }
        });
  }

  @Test
  void whatIsCommittedIsThereAfterACloseAndWhatIsNotIsGone() {
    try (StateStore store = open()) {
      store.put("t", "a", bytes("1"));
      store.put("t", "b", bytes("2"));
      store.put("u", "a", bytes("3"));
      store.commit();
      store.put("t", "a", bytes("later"));
      store.remove("t", "b");
      store.put("new", "x", bytes("y"));
    }
    try (StateStore store = open()) {
      assertThat(text(store, "t", "a")).isEqualTo("1");
      assertThat(text(store, "t", "b")).isEqualTo("2");
      assertThat(text(store, "u", "a")).isEqualTo("3");
      assertThat(store.size("new")).isZero();
      assertThat(store.commits()).isEqualTo(1);
    }
  }

  @Test
  void aRollbackBringsTheLastCommitBackAndTheStoreGoesOn() {
    try (StateStore store = open()) {
      store.put("t", "a", bytes("1"));
      store.commit();
      store.put("t", "a", bytes("2"));
      store.put("v", "a", bytes("2"));
      store.rollback();
      assertThat(text(store, "t", "a")).isEqualTo("1");
      assertThat(store.size("v")).isZero();
      store.put("t", "c", bytes("3"));
      store.commit();
      List<String> keys = new ArrayList<>();
      store.forEach("t", (key, value) -> keys.add(key));
      assertThat(keys).containsExactly("a", "c");
    }
  }

  @Test
  void aTruncatedFileIsDamagedWhereverItIsCut() throws IOException {
    for (int tenth = 0; tenth < 10; tenth++) {
      fill();
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(cut.length() * tenth / 10);
      }
      StoreException why = refused();
      assertThat(why).as("cut to %s tenths", tenth).isNotNull();
      assertThat(why.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(why).hasMessageContaining(file.toString());
      MvStateStore.delete(file);
    }
  }

  @Test
  void aFileThatIsGoneWhileItsMarkIsThereIsDamaged() throws IOException {
    fill();
    Files.delete(file);
    assertThat(refused().kind()).isEqualTo(Kind.DAMAGED);
  }

  @Test
  void aFileWithAnOlderCommitThanItsMarkIsDamaged() throws IOException {
    fill();
    Path copy = Files.copy(file, directory.resolve("copy"));
    try (StateStore store = open()) {
      store.put("t", "late", bytes("acknowledged"));
      store.commit();
    }
    Files.delete(file);
    Files.move(copy, file);
    assertThat(refused().kind()).isEqualTo(Kind.DAMAGED);
  }

  @Test
  void changedBytesAreNeverReadAsValues() throws IOException {
    fill();
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      byte[] broken = whole.clone();
      int at = random.nextInt(broken.length);
      for (int i = at; i < Math.min(broken.length, at + 16); i++) {
        broken[i] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, broken);
      try (StateStore store = open()) {
        store.forEach(
            "t",
            (key, value) ->
                assertThat(new String(value, StandardCharsets.UTF_8)).startsWith(key + " "));
        assertThat(store.size("t")).isEqualTo(200);
      } catch (StoreException e) {
        assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
      }
    }
  }

  private void fill() {
    try (StateStore store = open()) {
      for (int commit = 0; commit < 20; commit++) {
        for (int i = 0; i < 10; i++) {
          String key = "k" + commit + "-" + i;
          store.put("t", key, bytes(key + " " + "x".repeat(500)));
        }
        store.commit();
      }
    }
  }

  @Test
  void aFileThatHasReachedItsLimitRefusesTheCommitAndKeepsTheLast() {
    MvStateStore small = MvStateStore.open(file, 200_000);
    small.put("t", "a", bytes("kept"));
    small.commit();
    StoreException why =
        catchThrowableOfType(
            StoreException.class,
            () -> {
              byte[] noise = new byte[20_000];
              for (int i = 0; i < 100; i++) {
                new Random(i).nextBytes(noise);
                small.put("t", "n" + i, noise.clone());
                small.commit();
              }
            });
    assertThat(why.kind()).isEqualTo(Kind.FULL);
    try (StateStore store = open()) {
      assertThat(text(store, "t", "a")).isEqualTo("kept");
      assertThat(store.size("t")).isBetween(2, 40);
    }
  }

  @Test
  void aFileDoesNotGrowWithTheNumberOfItsCommits() {
    byte[] noise = new byte[1_024];
    try (MvStateStore store = open()) {
      for (int i = 0; i < 600; i++) {
        new Random(i).nextBytes(noise);
        store.put("t", "state", noise.clone());
        store.commit();
      }
      assertThat(store.fileBytes()).isLessThan(8 << 20);
    }
  }
}
