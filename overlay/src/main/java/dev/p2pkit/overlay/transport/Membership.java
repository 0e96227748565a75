// How a peer proves that it belongs to the network.
package dev.p2pkit.overlay.transport;

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
                + "; make one with: head -c 32 /dev/urandom | base64 > secret");
      }
      this.secret = secret.clone();
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

  /** No proof. */
  static Membership none() {
    return new None();
  }
}
