// The key that says who is a member of a network.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.KitException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;

/** The key pair that signs who is a member of a network. Kept off line, away from the peers. */
public final class NetworkRoot {
  private static final byte[] MAGIC = "P2PKRT\0\1".getBytes(StandardCharsets.US_ASCII);

  private final KeyPair pair;

  private NetworkRoot(KeyPair pair) {
    this.pair = pair;
  }

  /** A new root that lives in memory only. */
  public static NetworkRoot ephemeral() {
    return new NetworkRoot(Ed25519.generate());
  }

  /**
   * A new root in a new file, readable by its owner alone.
   *
   * @throws KitException if the file exists or cannot be written
   */
  public static NetworkRoot create(Path file) {
    return new NetworkRoot(KeyFile.create(file, MAGIC, "key of the network root"));
  }

  /**
   * The root in a file.
   *
   * @throws KitException if the file is missing or damaged
   */
  public static NetworkRoot load(Path file) {
    return new NetworkRoot(KeyFile.load(file, MAGIC, "key of the network root"));
  }

  /** The public key, 32 bytes. */
  public byte[] rawPublicKey() {
    return Ed25519.raw(pair.getPublic()).orElseThrow();
  }

  /** Signs bytes that begin with what they are for; 64 bytes. */
  public byte[] sign(byte[] data) {
    return Ed25519.sign(pair.getPrivate(), data);
  }

  /**
   * Says that a peer is a member.
   *
   * @param memberKey the peer's raw public key, 32 bytes
   * @param network the network's name
   * @param expires until when it is
   */
  public MembershipCertificate issue(byte[] memberKey, String network, Instant expires) {
    Identity.idOf(memberKey);
    TransportConfig.checkNetwork(network);
    Instant whole = Instant.ofEpochMilli(expires.toEpochMilli());
    byte[] signed = MembershipCertificate.signedBytes(network, rawPublicKey(), memberKey, whole);
    return new MembershipCertificate(
        network, rawPublicKey(), memberKey, whole, Ed25519.sign(pair.getPrivate(), signed));
  }
}
