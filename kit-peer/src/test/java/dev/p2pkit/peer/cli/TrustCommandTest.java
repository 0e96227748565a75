// The commands of trust: signing without a network, publishing, listing, and mistakes.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.trust.TrustFile;
import dev.p2pkit.peer.trust.TrustNotice;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustCommandTest {
  private static final String KEY = OwnerKey.generate().publicHex();

  @TempDir Path directory;
  private String root = "";

  @BeforeEach
  void makeRoot() {
    root = directory.resolve("root.key").toString();
    assertThat(CommandRun.of("membership", "root", root).code()).isEqualTo(Main.DONE);
  }

  private TrustNotice printed(String... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.err()).isEmpty();
    TrustNotice notice = TrustNotice.parse(run.out());
    byte[] key = NetworkRoot.load(Path.of(root)).rawPublicKey();
    assertThat(notice.objection("p2pkit", key)).isEmpty();
    return notice;
  }

  private String usage(String... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.code()).isEqualTo(Main.USAGE);
    return run.err();
  }

  @Test
  void wordsAreSignedWhereThereIsNoNetworkAndListed() {
    TrustNotice owner =
        printed(
            "trust",
            "owner",
            KEY,
            "--names",
            "acme.*,tools",
            "--may",
            "upgrade",
            "--valid",
            "9d",
            "--note",
            "vendor",
            "--root",
            root,
            "--print");
    assertThat(owner.note()).isEqualTo("vendor");
    assertThat(owner.word().toString()).contains("tools, acme.*");
    TrustNotice name = printed("trust", "name", "acme.*", KEY, "--root", root, "--print");
    TrustNotice freed = printed("trust", "name", "b", "--free", "--root", root, "--print");
    TrustNotice revoked =
        printed("trust", "revoke", KEY.toUpperCase(Locale.ROOT), "--root", root, "--print");
    assertThat(revoked.subject()).isEqualTo(owner.subject());
    assertThat(CommandRun.of("trust", "list", "--data-dir", directory.toString()).out())
        .contains("has said nothing");
    new TrustFile(directory).save(List.of(name, freed, owner));
    assertThat(CommandRun.of("trust", "list", "--data-dir", directory.toString()).out())
        .contains("upgrade: tools, acme.*", "name acme.*", "first claim", "vendor", KEY);
    assertThat(CommandRun.of("trust", "list", "--data-dir", directory.toString(), "--json").out())
        .contains(
            "\"rights\":[\"upgrade\"]", "\"names\":[\"tools\",\"acme.*\"]", "\"trusted\":true");
  }

  @Test
  void anAdministratorWhoMayTrustSigns() {
    Path key = directory.resolve("admin.pem");
    OwnerKey administrator = OwnerKey.loadOrCreate(key);
    String certificate = directory.resolve("admin.cert").toString();
    assertThat(
            CommandRun.of(
                    "membership",
                    "administrator",
                    "--root",
                    root,
                    "--key",
                    administrator.publicHex(),
                    "--may",
                    "ban,trust",
                    "--out",
                    certificate)
                .out())
        .contains("may ban and trust");
    TrustNotice notice =
        printed(
            "trust",
            "owner",
            KEY,
            "--administrator",
            certificate,
            "--owner-key",
            key.toString(),
            "--print");
    assertThat(notice.signedBy()).isEqualTo(administrator.fingerprint());
    assertThat(notice.issued()).isBefore(Instant.now().plus(Duration.ofMinutes(1)));
  }

  @Test
  void mistakesNameTheFix() {
    assertThat(usage("trust")).contains("owner, revoke, name, publish or list");
    assertThat(usage("trust", "owner", "abc", "--root", root, "--print"))
        .contains("p2pkit service key");
    assertThat(usage("trust", "owner", KEY, "--print")).contains("--administrator");
    assertThat(usage("trust", "owner", KEY, "--root", root)).contains("--data-dir");
    assertThat(usage("trust", "owner", KEY, "--may", "all", "--root", root, "--print"))
        .contains("install, upgrade or both");
    assertThat(usage("trust", "owner", KEY, "--names", "*a", "--root", root, "--print"))
        .contains("acme.*");
    assertThat(usage("trust", "name", "a", "--root", root, "--print")).contains("--free");
    assertThat(usage("trust", "owner", KEY, "--note", "x".repeat(300), "--root", root, "--print"))
        .contains("shorten");
    assertThat(usage("membership", "administrator", "--root", root, "--key", KEY, "--may", "rule"))
        .contains("ban, trust or both");
    CommandRun garbled = CommandRun.of("trust", "publish", "x", "--data-dir", directory.toString());
    assertThat(garbled.code()).isEqualTo(Main.FAILED);
    assertThat(garbled.err()).contains("p2pkit trust owner KEY --print");
    CommandRun nobody =
        CommandRun.of("trust", "revoke", KEY, "--root", root, "--data-dir", directory.toString());
    assertThat(nobody.code()).isEqualTo(Main.FAILED);
    assertThat(nobody.err()).contains("no peer answers in");
  }
}
