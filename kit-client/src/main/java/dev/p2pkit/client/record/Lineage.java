// Whose record it is and where it stands in its chain.
package dev.p2pkit.client.record;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.regex.Pattern;

/**
 * The part of a record that says whose it is and what came before it.
 *
 * @param name 1 to 128 letters, digits, {@code . _ - @}
 * @param instance as the name
 * @param owner public key, 64 hexadecimal digits
 * @param generation how often the owner has revoked what it had handed on
 * @param epoch 1 for the first
 * @param hlc when it was signed
 * @param claimHlc when the first was signed
 * @param claimHash hash of the first; zeros in the first itself
 * @param previous hash of the one before; zeros in the first
 */
record Lineage(
    String name,
    String instance,
    String owner,
    int generation,
    long epoch,
    long hlc,
    long claimHlc,
    String claimHash,
    String previous) {
  static final String NONE = "0".repeat(64);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,127}");
  private static final Pattern LONG_NAME = Pattern.compile(".*@[0-9a-f]{16}");

  Lineage {
    if (!NAME.matcher(name).matches() || !NAME.matcher(instance).matches()) {
      throw new IllegalArgumentException(
          "a service or instance name has 1 to 128 letters, digits, '.', '_', '-' or '@'");
    }
    if (epoch < 1 || generation < 0 || hlc < 0 || claimHlc < 0) {
      throw new IllegalArgumentException(
          "epochs begin with 1, generations with 0, and clocks are not negative");
    }
    if (epoch == 1 && !(claimHlc == hlc && claimHash.equals(NONE) && previous.equals(NONE))) {
      throw new IllegalArgumentException("a first record has nothing before it");
    }
    checkOwner(name, owner);
  }

  static Lineage first(String name, String instance, String owner, long hlc) {
    return new Lineage(name, instance, owner, 0, 1, hlc, hlc, NONE, NONE);
  }

  /** Names that are made from a key belong to that key. */
  private static void checkOwner(String name, String owner) {
    if (OwnerKey.isFresh(name) && !name.startsWith(OwnerKey.freshName(owner))) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the name "
              + name
              + " is made from another owner's key; use the handle or ticket that came with it");
    }
    if (LONG_NAME.matcher(name).matches()) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the name "
              + name
              + " ends like the second name of a service; choose one that does not end in @ and 16"
              + " hexadecimal digits");
    }
  }
}
