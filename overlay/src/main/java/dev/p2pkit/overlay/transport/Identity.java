// Who a peer or client is: an Ed25519 key pair.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Who a peer or client is: an Ed25519 key pair. Its id, and so a peer's place on the ring, is the
 * first 16 bytes of SHA-256 over the 32 bytes of the public key: nobody chooses a place, and a link
 * can prove it. Immutable.
 */
public final class Identity {
  /** The file in a data directory that holds the key pair. */
  public static final String FILE = "identity.key";

  private static final byte[] MAGIC = "P2PKID\0\1".getBytes(StandardCharsets.US_ASCII);

  private final KeyPair pair;
  private final byte[] raw;
  private final PeerId id;

  private Identity(KeyPair pair) {
    this.pair = pair;
    this.raw = Ed25519.raw(pair.getPublic()).orElseThrow();
    this.id = idOf(raw);
  }

  /**
   * The identity in {@value #FILE} of a data directory; made on first use, readable by its owner
   * alone. Two processes must not use it at once: {@link DataDirectory} sees to that.
   *
   * @throws KitException if the file is damaged or cannot be read or written
   */
  public static Identity loadOrCreate(Path dataDirectory) {
    return loadOrCreate(dataDirectory, 0, made -> {});
  }

  /**
   * As {@link #loadOrCreate(Path)}; a new identity is one that solves the {@link IdPuzzle}. One
   * that is there is taken as it is.
   *
   * @param bits how hard the puzzle is, 0 for none
   * @param progress gets the number of key pairs made so far, now and then
   */
  static Identity loadOrCreate(Path dataDirectory, int bits, LongConsumer progress) {
    return new Identity(
        KeyFile.loadOrCreate(
            dataDirectory.resolve(FILE),
            MAGIC,
            "identity of this peer",
            () -> IdPuzzle.search(bits, progress)));
  }

  /** A new identity that lives in memory only. */
  public static Identity ephemeral() {
    return new Identity(Ed25519.generate());
  }

  /** The id, and for a peer its position. */
  public PeerId id() {
    return id;
  }

  /** The public key. */
  public PublicKey publicKey() {
    return pair.getPublic();
  }

  /** The public key as 32 bytes. */
  public byte[] rawPublicKey() {
    return raw.clone();
  }

  PrivateKey privateKey() {
    return pair.getPrivate();
  }

  /** Signs bytes; 64 bytes. */
  public byte[] sign(byte[] data) {
    return Ed25519.sign(pair.getPrivate(), data);
  }

  /** Whether a signature was made over these bytes by the owner of this raw public key. */
  public static boolean verify(byte[] rawPublicKey, byte[] data, byte[] signature) {
    return Ed25519.verify(rawPublicKey, data, signature);
  }

  /**
   * The id that belongs to a raw public key.
   *
   * @throws IllegalArgumentException if it has not exactly 32 bytes
   */
  public static PeerId idOf(byte[] rawPublicKey) {
    if (rawPublicKey.length != Ed25519.KEY_BYTES) {
      throw new IllegalArgumentException(
          "an Ed25519 public key has 32 bytes, not " + rawPublicKey.length);
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(rawPublicKey);
      return new PeerId(Key.of(Arrays.copyOf(hash, Key.BYTES)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The id; never the private key. */
  @Override
  public String toString() {
    return "Identity " + id;
  }
}
