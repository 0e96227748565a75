// The owner's key as a file: made once, readable by its user alone.
package dev.p2pkit.client.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerKeyTest {
  @TempDir Path directory;

  @Test
  void isMadeWithMode600AndReadAgain() throws IOException {
    Path file = directory.resolve("config/p2pkit/owner.key");
    OwnerKey made = OwnerKey.loadOrCreate(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(OwnerKey.loadOrCreate(file).publicHex()).isEqualTo(made.publicHex());
    assertThat(OwnerKey.ofSeed(made.seed()).publicHex()).isEqualTo(made.publicHex());
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aKeyThatOthersCanReadIsRefusedWithTheCommandThatProtectsIt() throws IOException {
    Path file = directory.resolve("owner.key");
    OwnerKey.loadOrCreate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> OwnerKey.loadOrCreate(file))
        .isInstanceOfSatisfying(
            KitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORISED);
              assertThat(e.detail()).contains("chmod 600 " + file);
            });
  }

  @Test
  void whatIsNoKeyIsRefused() throws IOException {
    Path file = directory.resolve("owner.key");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    for (String content :
        List.of(
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "-----END PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----",
            "x".repeat(10_000))) {
      Files.writeString(file, content);
      assertThatThrownBy(() -> OwnerKey.loadOrCreate(file))
          .isInstanceOf(KitException.class)
          .hasMessageContaining("--owner-key");
    }
  }

  @Test
  void whatCannotBeMadeNamesTheFileAndTheWayOut() throws IOException {
    Path blocked = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> OwnerKey.loadOrCreate(blocked.resolve("owner.key")))
        .isInstanceOf(KitException.class)
        .hasMessageContaining(blocked.toString())
        .hasMessageContaining("--owner-key");
  }

  @Test
  void readsWhatOpensslWrites() throws IOException {
    // The key of RFC 8410, section 10.3, without attributes.
    Path file = directory.resolve("owner.key");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file,
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """);
    assertThat(OwnerKey.loadOrCreate(file).publicHex())
        .isEqualTo("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
  }

  @Test
  void ofManyThatMakeItAtOnceAllGetTheSame() throws Exception {
    Path file = directory.resolve("owner.key");
    Set<String> seen = ConcurrentHashMap.newKeySet();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Boolean> load = () -> seen.add(OwnerKey.loadOrCreate(file).publicHex());
      for (var done : threads.invokeAll(Collections.nCopies(16, load))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void theDefaultFollowsTheConfigurationDirectory() {
    assertThat(OwnerKey.defaultFile(Map.of("XDG_CONFIG_HOME", "/etc/xdg-home"), "/users/ann"))
        .isEqualTo(Path.of("/etc/xdg-home/p2pkit/owner.key"));
    assertThat(OwnerKey.defaultFile(Map.of("XDG_CONFIG_HOME", "relative"), "/users/ann"))
        .isEqualTo(Path.of("/users/ann/.config/p2pkit/owner.key"));
    assertThat(OwnerKey.defaultFile(Map.of(), "/users/ann"))
        .isEqualTo(Path.of("/users/ann/.config/p2pkit/owner.key"));
  }

  @Test
  void aFreshNameIs52CharactersAndDiffersForEachKey() {
    String one = OwnerKey.generate().freshName();
    assertThat(one).matches("[a-z2-7]{52}").isNotEqualTo(OwnerKey.generate().freshName());
  }
}
