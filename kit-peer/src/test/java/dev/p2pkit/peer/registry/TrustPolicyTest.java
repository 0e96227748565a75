// Trust lists: keys, files of keys, and what is neither.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.trust.TrustRules.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustPolicyTest {
  @TempDir Path directory;

  private static ServiceRecord by(OwnerKey owner) {
    return ServiceRecord.first(
        owner, "counter", "1", World.edition(World.archive(1, 100), "1"), 1_000);
  }

  @Test
  void keysAndFilesOfKeysAreTrusted() throws IOException {
    Path list =
        Files.writeString(
            directory.resolve("trust"),
            "# ours\n\n" + OTHER.publicHex().toUpperCase(Locale.ROOT) + "  # the other team\n");
    TrustPolicy policy = TrustPolicy.trusting(List.of(OWNER.publicHex(), list.toString()));
    assertThat(policy.refusal(by(OWNER), NONE)).isEmpty();
    assertThat(policy.refusal(by(OTHER), NONE)).isEmpty();
    OwnerKey stranger = OwnerKey.generate();
    assertThat(policy.refusal(by(stranger), NONE).orElseThrow())
        .contains("--trust " + stranger.publicHex());
  }

  @Test
  void whatIsNeitherKeyNorListIsNamed() throws IOException {
    assertThatThrownBy(() -> TrustPolicy.trusting(List.of("no-such-file")))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("no-such-file");
    Path list = Files.writeString(directory.resolve("trust"), "abc\n");
    assertThatThrownBy(() -> TrustPolicy.trusting(List.of(list.toString())))
        .isInstanceOf(KitException.class)
        .hasMessageContaining("64 hexadecimal digits");
  }

  @Test
  void denyRunsNothingAndAnyEverything() {
    assertThat(new TrustPolicy.Deny().refusal(by(OWNER), NONE)).isPresent();
    assertThat(new TrustPolicy.Any().refusal(by(OWNER), NONE)).isEmpty();
  }
}
