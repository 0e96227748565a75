// How a peer proves that it belongs to the network.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** How a peer proves that it belongs to the network, and what it asks of the others. */
public sealed interface Membership {
  /**
   * No proof: anybody who can connect is a member. A transport with this binds loopback only,
   * unless it is told to be open.
   */
  record None() implements Membership {}

  /** All members know one secret. It never travels; each side proves that it has it. */
  final class SharedSecret implements Membership {
    /** The shortest secret, in bytes. */
    public static final int LEAST_BYTES = 16;

    /** The longest secret file, in bytes. */
    public static final int MOST_BYTES = 4096;

    private final byte[] secret;

    /**
     * With the secret.
     *
     * @throws IllegalArgumentException if it is shorter than {@link #LEAST_BYTES}
     */
    public SharedSecret(byte[] secret) {
      if (secret.length < LEAST_BYTES) {
        throw new IllegalArgumentException(
            "a network's secret has at least "
                + LEAST_BYTES
                + " bytes, not "
                + secret.length
                + "; make one with: head -c 32 /dev/urandom > secret");
      }
      this.secret = secret.clone();
    }

    /**
     * Reads a secret file; line ends at its end do not count.
     *
     * @throws KitException UNAUTHORISED if it cannot be read or has not 16 to 4,096 bytes
     */
    public static SharedSecret read(Path file) {
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MOST_BYTES + 1);
      } catch (IOException e) {
        throw new KitException(
            ErrorCode.UNAUTHORISED,
            "cannot read the network's secret from " + file + " (" + e + "); make it readable",
            e);
      }
      if (bytes.length > MOST_BYTES) {
        throw new KitException(
            ErrorCode.UNAUTHORISED,
            "the secret in " + file + " has more than " + MOST_BYTES + " bytes; use a shorter one");
      }
      int length = bytes.length;
      while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
        length--;
      }
      try {
        return new SharedSecret(Arrays.copyOf(bytes, length));
      } catch (IllegalArgumentException e) {
        throw new KitException(
            ErrorCode.UNAUTHORISED,
            "the secret in " + file + " is too short: " + e.getMessage(),
            e);
      }
    }

    byte[] secret() {
      return secret;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof SharedSecret that && Arrays.equals(secret, that.secret);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(secret);
    }

    @Override
    public String toString() {
      return "SharedSecret";
    }
  }

  /**
   * A root key signs the public key of each member.
   *
   * @param certificate the root's certificate for this peer; the others must have one of the same
   *     root
   */
  record RootCertificate(MembershipCertificate certificate) implements Membership {}

  /**
   * No proof but what the identity has cost: anybody is a member whose identity solves an {@link
   * IdPuzzle}. As with {@link None}, a transport binds loopback only, unless it is told to be open.
   *
   * @param bits how hard it is, 1 to {@link IdPuzzle#MOST_BITS}
   */
  record Puzzle(int bits) implements Membership {
    /** Checks the range. */
    public Puzzle {
      IdPuzzle.check(bits);
    }
  }

  /** Whether anybody may become a member. */
  default boolean isOpen() {
    return this instanceof None || this instanceof Puzzle;
  }

  /** No proof. */
  static Membership none() {
    return new None();
  }
}
