// The commands that ban: signing without a network, publishing through a running peer, listing.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.peer.bans.BanFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BanCommandTest {
  private static final String PEER = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;

  private String root() {
    String file = directory.resolve("root.key").toString();
    assertThat(CommandRun.of("membership", "root", file).code()).isEqualTo(Main.DONE);
    return file;
  }

  @Test
  void aBanCanBeSignedWhereThereIsNoNetwork() {
    CommandRun run = CommandRun.of("ban", PEER, "--root", root(), "--reason", "stolen", "--print");
    assertThat(run.err()).isEmpty();
    BanNotice notice = BanNotice.parse(run.out());
    assertThat(notice.peer().toString()).isEqualTo(PEER);
    assertThat(notice.reason()).isEqualTo("stolen");
    assertThat(notice.lifted()).isFalse();
    assertThat(
            BanNotice.parse(CommandRun.of("unban", PEER, "--root", root2(), "--print").out())
                .lifted())
        .isTrue();
  }

  private String root2() {
    String file = directory.resolve("other.key").toString();
    CommandRun.of("membership", "root", file);
    return file;
  }

  @Test
  void anAdministratorSignsWithItsOwnerKey() {
    Path key = directory.resolve("admin.pem");
    String certificate = directory.resolve("admin.cert").toString();
    CommandRun named =
        CommandRun.of(
            "membership",
            "administrator",
            "--root",
            root(),
            "--key",
            OwnerKey.loadOrCreate(key).publicHex(),
            "--out",
            certificate);
    assertThat(named.err()).isEmpty();
    CommandRun run =
        CommandRun.of(
            "ban", PEER, "--administrator", certificate, "--owner-key", key.toString(), "--print");
    assertThat(run.err()).isEmpty();
    assertThat(BanNotice.parse(run.out()).signedBy())
        .isEqualTo(OwnerKey.loadOrCreate(key).fingerprint());
  }

  @Test
  void bansAreListedFromTheDataDirectory() {
    assertThat(CommandRun.of("bans", "--data-dir", directory.toString()).out())
        .contains("nobody is banned");
    String text = CommandRun.of("ban", PEER, "--root", root(), "--print").out();
    new BanFile(directory).save(List.of(BanNotice.parse(text)));
    assertThat(CommandRun.of("bans", "--data-dir", directory.toString()).out()).contains(PEER);
    assertThat(CommandRun.of("bans", "--data-dir", directory.toString(), "--json").out())
        .contains("\"banned\":true");
  }

  @Test
  void mistakesNameTheFix() {
    assertThat(CommandRun.of("ban", PEER).code()).isEqualTo(Main.USAGE);
    assertThat(CommandRun.of("ban", "--notice", "x", "--data-dir", directory.toString()).err())
        .contains("p2pkit ban --print");
    CommandRun nobody =
        CommandRun.of("ban", PEER, "--root", root(), "--data-dir", directory.toString());
    assertThat(nobody.code()).isEqualTo(Main.FAILED);
    assertThat(nobody.err()).contains("no peer answers in");
  }
}
