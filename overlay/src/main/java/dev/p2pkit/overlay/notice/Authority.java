// Who signed a notice, and by what right.
package dev.p2pkit.overlay.notice;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.notice.AdministratorCertificate.Power;
import dev.p2pkit.overlay.transport.Ed25519;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The key of the network's root, or that of an administrator with its certificate. Immutable. */
public final class Authority {
  private final byte[] key;
  private final Optional<AdministratorCertificate> certificate;

  /**
   * Whoever signs.
   *
   * @param key the raw Ed25519 public key, 32 bytes
   * @param certificate by what right, unless the key is the root's
   */
  public Authority(byte[] key, Optional<AdministratorCertificate> certificate) {
    this.key = key.clone();
    this.certificate = certificate;
  }

  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  public String fingerprint() {
    return HexFormat.of().formatHex(Hashing.sha256().hashBytes(key).asBytes(), 0, 8);
  }

  /**
   * Why what was signed does not count; empty if it does.
   *
   * @param power what it takes
   * @param network what it is for
   * @param root the root's raw public key
   * @param issued when it was signed
   */
  public Optional<String> objection(
      Power power, String network, byte[] root, Instant issued, byte[] signed, byte[] signature) {
    if (certificate.isPresent()) {
      Optional<String> lacking = lacking(certificate.get(), power, network, root, issued);
      if (lacking.isPresent()) {
        return lacking;
      }
    } else if (!Arrays.equals(key, root)) {
      return Optional.of("it is signed by neither the root nor an administrator");
    }
    return Ed25519.verify(key, signed, signature)
        ? Optional.empty()
        : Optional.of("its signature does not fit");
  }

  private Optional<String> lacking(
      AdministratorCertificate right, Power power, String network, byte[] root, Instant issued) {
    if (!Arrays.equals(right.rootKey(), root) || !right.network().equals(network)) {
      return Optional.of("its administrator was named by another root");
    }
    if (!Arrays.equals(right.key(), key)) {
      return Optional.of("it is signed by another than the administrator it names");
    }
    if (!right.powers().contains(power)) {
      return Optional.of(
          "its administrator has no right to it; the root gives it with 'p2pkit membership"
              + " administrator --may "
              + power.word()
              + "'");
    }
    if (issued.isAfter(right.expires())) {
      return Optional.of("the right of its administrator had expired");
    }
    return right.isGenuine()
        ? Optional.empty()
        : Optional.of("the certificate of its administrator is forged");
  }

  /** Appends the key, and the certificate as bytes with their length: none if the root signs. */
  public void encode(WireWriter out) {
    out.raw(key, 0, key.length);
    out.bytes(certificate.map(AdministratorCertificate::encode).orElseGet(() -> new byte[0]));
  }

  /** Reads what {@link #encode} writes; nothing is verified here. */
  public static Authority decode(WireReader in) {
    byte[] key = in.raw(Ed25519.KEY_BYTES);
    byte[] certificate = in.bytes(AdministratorCertificate.MOST_BYTES);
    return new Authority(
        key,
        certificate.length == 0
            ? Optional.empty()
            : Optional.of(AdministratorCertificate.decode(certificate)));
  }
}
