// The file of bans survives restarts, and a damaged one is put aside.
package dev.p2pkit.peer.bans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BanFileTest {
  @TempDir Path directory;

  private static List<BanNotice> notices() {
    NetworkRoot root = NetworkRoot.ephemeral();
    return List.of(
        BanNotice.issue(
            "net",
            new PeerId(Key.hash("a")),
            false,
            Instant.ofEpochMilli(5),
            "why",
            root.rawPublicKey(),
            Optional.empty(),
            root::sign));
  }

  @Test
  void whatWasSavedIsLoaded() {
    BanFile file = new BanFile(directory);
    assertThat(file.load()).isEmpty();
    List<BanNotice> notices = notices();
    file.save(notices);
    assertThat(new BanFile(directory).load().stream().map(BanNotice::toText))
        .containsExactly(notices.get(0).toText());
  }

  @Test
  void aDamagedFileIsMovedAside() throws IOException {
    BanFile file = new BanFile(directory);
    file.save(notices());
    Path path = directory.resolve("bans");
    Files.writeString(path, Files.readString(path).replaceFirst("A", "B"));
    assertThat(file.load()).isEmpty();
    assertThat(path).doesNotExist();
    assertThat(directory.resolve("bans.damaged")).exists();
  }
}
