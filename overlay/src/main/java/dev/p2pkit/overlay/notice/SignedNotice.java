// What bans and words of trust have in common: for a network, at a time, by an authority.
package dev.p2pkit.overlay.notice;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.machine.WireException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** A notice that an {@link Authority} has signed for one network. Immutable. */
public abstract class SignedNotice implements Notice {
  /** The longest name of a network, in bytes of UTF-8. */
  protected static final int NETWORK_BYTES = 255;

  private final AdministratorCertificate.Power power;
  private final String network;
  private final Instant issued;
  private final Authority authority;
  private final byte[] signed;
  private final byte[] signature;
  private final long hash;

  /**
   * A notice as it was signed; nothing is verified here.
   *
   * @param power what an administrator must be allowed to sign it
   * @param signed the bytes that the signature is over; they are not copied
   * @param signature of these bytes, which it follows in the encoded notice; not copied either
   */
  protected SignedNotice(
      AdministratorCertificate.Power power,
      String network,
      Instant issued,
      Authority authority,
      byte[] signed,
      byte[] signature) {
    this.power = power;
    this.network = network;
    this.issued = issued;
    this.authority = authority;
    this.signed = signed;
    this.signature = signature;
    hash = Hashing.sha256().hashBytes(signed).asLong();
  }

  /** The time of a notice: whole milliseconds. */
  protected static Instant whole(Instant time) {
    return Instant.ofEpochMilli(time.toEpochMilli());
  }

  /**
   * Checks words for people to read.
   *
   * @throws IllegalArgumentException if they are too long
   */
  protected static void checkLength(String what, String words, int mostBytes) {
    if (words.getBytes(StandardCharsets.UTF_8).length > mostBytes) {
      throw new IllegalArgumentException(
          "a " + what + " has at most " + mostBytes + " bytes; shorten it");
    }
  }

  /**
   * One notice, one form: what differs from it would hash differently elsewhere.
   *
   * @param from what this notice was read from
   * @throws WireException if that is another form of it
   */
  protected final void checkForm(byte[] from) {
    if (!Arrays.equals(encode(), from)) {
      throw new WireException("a notice that is not in canonical form");
    }
  }

  /** The name of the network. */
  public final String network() {
    return network;
  }

  /** Who signed it: the first 16 hexadecimal digits of the SHA-256 of the public key. */
  public final String signedBy() {
    return authority.fingerprint();
  }

  @Override
  public final Instant issued() {
    return issued;
  }

  @Override
  public final long hash() {
    return hash;
  }

  @Override
  public final Optional<String> objection(String ofNetwork, byte[] root) {
    if (!network.equals(ofNetwork)) {
      return Optional.of("it is for the network " + network);
    }
    return authority.objection(power, network, root, issued, signed, signature);
  }

  @Override
  public final byte[] encode() {
    byte[] all = Arrays.copyOf(signed, signed.length + signature.length);
    System.arraycopy(signature, 0, all, signed.length, signature.length);
    return all;
  }
}
