// What an identity costs to make, where anybody may join.
package dev.p2pkit.overlay.transport;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.security.KeyPair;
import java.util.function.LongConsumer;

/**
 * The static crypto puzzle of S/Kademlia (Baumgart and Mies, 2007, section 4.1): an identity is
 * taken only if SHA-256(SHA-256(public key)) begins with so many zero bits. Each bit doubles the
 * key pairs that must be made to find one, and so what it costs to flood a network with peers or to
 * land beside a chosen key.
 */
public final class IdPuzzle {
  /** The hardest puzzle: about 16 million key pairs. */
  public static final int MOST_BITS = 24;

  private IdPuzzle() {}

  /**
   * How many bits the puzzle may have.
   *
   * @throws IllegalArgumentException unless 1 to {@link #MOST_BITS}
   */
  public static void check(int bits) {
    if (bits < 1 || bits > MOST_BITS) {
      throw new IllegalArgumentException(
          "a puzzle has 1 to "
              + MOST_BITS
              + " bits, not "
              + bits
              + "; 8 suit a network of strangers on one site, 16 the Internet");
    }
  }

  /** How many zero bits a raw public key has to show. */
  public static int solvedBits(byte[] rawPublicKey) {
    HashCode twice = Hashing.sha256().hashBytes(Hashing.sha256().hashBytes(rawPublicKey).asBytes());
    byte[] hash = twice.asBytes();
    int zeros = 0;
    for (byte b : hash) {
      if (b != 0) {
        return zeros + Integer.numberOfLeadingZeros(b & 0xFF) - 24;
      }
      zeros += 8;
    }
    return zeros;
  }

  /**
   * Makes key pairs until one solves the puzzle: about 2 to the power of {@code bits}, on the
   * calling thread.
   *
   * @param bits 0 for none
   * @param progress gets the number of pairs made, every 1,024
   */
  static KeyPair search(int bits, LongConsumer progress) {
    for (long made = 1; ; made++) {
      KeyPair pair = Ed25519.generate();
      if (bits == 0 || solvedBits(Ed25519.raw(pair.getPublic()).orElseThrow()) >= bits) {
        return pair;
      }
      if (made % 1_024 == 0) {
        progress.accept(made);
      }
    }
  }
}
