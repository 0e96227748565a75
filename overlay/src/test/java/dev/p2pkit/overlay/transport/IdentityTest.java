// Identity file, data directory, certificate.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
  @TempDir Path folder;

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theIdIsTheHashOfThePublicKeyAndSurvivesARestart() throws Exception {
    Identity identity = Identity.loadOrCreate(folder);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.rawPublicKey());
    assertThat(identity.id().position().toBytes()).isEqualTo(Arrays.copyOf(hash, 16));
    Identity again = Identity.loadOrCreate(folder);
    assertThat(again.id()).isEqualTo(identity.id());
    assertThat(Identity.verify(identity.rawPublicKey(), text("x"), again.sign(text("x")))).isTrue();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve(Identity.FILE))))
        .isEqualTo("rw-------");
  }

  @Test
  void aSignatureFitsItsBytesAndKeyOnly() {
    Identity one = Identity.ephemeral();
    byte[] signature = one.sign(text("hello"));
    assertThat(Identity.verify(one.rawPublicKey(), text("hello"), signature)).isTrue();
    assertThat(Identity.verify(one.rawPublicKey(), text("hullo"), signature)).isFalse();
    assertThat(Identity.verify(Identity.ephemeral().rawPublicKey(), text("hello"), signature))
        .isFalse();
    assertThat(Identity.verify(new byte[3], text("hello"), signature)).isFalse();
    assertThat(Identity.verify(one.rawPublicKey(), text("hello"), new byte[64])).isFalse();
  }

  @Test
  void theSelfSignedCertificateIsValidX509() throws Exception {
    Identity identity = Identity.ephemeral();
    X509Certificate certificate = SelfSignedCertificate.of(identity);
    certificate.verify(identity.publicKey());
    certificate.checkValidity();
    assertThat(Ed25519.raw(certificate.getPublicKey())).contains(identity.rawPublicKey());
  }

  @Test
  void aDamagedIdentityNamesTheFileAndTheFix() throws Exception {
    Path file = folder.resolve(Identity.FILE);
    Identity.loadOrCreate(folder);
    byte[] good = Files.readAllBytes(file);
    byte[] halves = good.clone();
    halves[20] ^= 1;
    byte[] magic = good.clone();
    magic[0] ^= 1;
    for (byte[] bad : new byte[][] {{}, Arrays.copyOf(good, 71), magic, halves, text("no key")}) {
      Files.write(file, bad);
      assertThatThrownBy(() -> Identity.loadOrCreate(folder))
          .isInstanceOf(KitException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("remove it");
      assertThat(Files.readAllBytes(file)).isEqualTo(bad);
    }
  }

  @Test
  void aDirectoryServesOnePeerAtATime() {
    try (DataDirectory first = DataDirectory.open(folder)) {
      assertThatThrownBy(() -> DataDirectory.open(folder))
          .isInstanceOfSatisfying(
              KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE))
          .hasMessageContaining(folder.toString());
      assertThat(first.path()).isEqualTo(folder);
    }
    try (DataDirectory second = DataDirectory.open(folder)) {
      assertThat(second.identity().id()).isEqualTo(Identity.loadOrCreate(folder).id());
    }
  }

  @Test
  void aFileInPlaceOfADirectoryIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("data"), "x");
    assertThatThrownBy(() -> DataDirectory.open(file))
        .isInstanceOf(KitException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("may read and write");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("below")))
        .isInstanceOf(KitException.class);
  }

  @Test
  void anIdentityThatIsADirectoryIsRefused() throws Exception {
    Files.createDirectory(folder.resolve(Identity.FILE));
    assertThatThrownBy(() -> DataDirectory.open(folder))
        .isInstanceOf(KitException.class)
        .hasMessageContaining(Identity.FILE);
    // The lock was given back.
    Files.delete(folder.resolve(Identity.FILE));
    DataDirectory.open(folder).close();
  }
}
