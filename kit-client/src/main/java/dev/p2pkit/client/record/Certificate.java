// An owner's signature under the key of somebody who may upgrade one of its services.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says that a key may do something with one instance of a service, until a moment. The owner signs
 * the first of a chain, the key that one names signs the next, so rights are handed on narrower and
 * shorter without asking the owner. It is worth nothing once the owner has begun another
 * generation.
 */
public final class Certificate {
  /** How many follow each other at most. */
  public static final int MAX_CHAIN = 4;

  private static final byte[] DOMAIN = {'P', '2', 'K', 'C', 1};
  private static final HexFormat HEX = HexFormat.of();

  private final String key;
  private final int rights;
  private final int generation;
  private final long expiry;
  private final byte[] signature;

  private Certificate(String key, int rights, int generation, long expiry, byte[] signature) {
    this.key = key;
    this.rights = rights;
    this.generation = generation;
    this.expiry = expiry;
    this.signature = signature;
  }

  /** What a certificate allows. */
  public enum Power {
    /** Call the service where it asks callers for their right. */
    INVOKE(1),
    /** Sign its upgrades, and pause, hasten or take back a roll-out. */
    UPGRADE(2);

    private final int bit;

    Power(int bit) {
      this.bit = bit;
    }
  }

  /**
   * Issues one.
   *
   * @param issuer the owner, or the key of the certificate before
   * @param key the public key that it is for, 64 hexadecimal digits
   * @param generation the owner's counter, as in the record in force
   * @param expiry seconds since 1970
   */
  public static Certificate issue(
      OwnerKey issuer,
      String name,
      String instance,
      String key,
      Set<Power> powers,
      int generation,
      long expiry) {
    int rights = 0;
    for (Power power : powers) {
      rights |= power.bit;
    }
    if (rights == 0 || generation < 0 || expiry < 0) {
      throw new IllegalArgumentException(
          "a certificate gives some right, in a generation from 0 on, until a moment after 1970");
    }
    byte[] part = toSign(name, instance, key, rights, generation, expiry);
    return new Certificate(key, rights, generation, expiry, issuer.sign(part));
  }

  private static byte[] toSign(
      String name, String instance, String key, int rights, int generation, long expiry) {
    WireWriter out = new WireWriter(256);
    out.raw(DOMAIN, 0, DOMAIN.length).text(name).text(instance);
    Edition.hex(out, key);
    out.u8(rights).i32(generation).i64(expiry);
    return out.toBytes();
  }

  /**
   * Makes sure that a chain leads from an owner to somebody with a power.
   *
   * @param seconds since 1970, when the power is used
   * @return the public key that has it: the last one's, or the owner's if the chain is empty
   * @throws KitException UNAUTHORISED or BAD_SIGNATURE, with what is wrong
   */
  public static String holder(
      String owner,
      String name,
      String instance,
      int generation,
      List<Certificate> chain,
      Power power,
      long seconds) {
    String issuer = owner;
    if (chain.size() > MAX_CHAIN) {
      throw refused("more than " + MAX_CHAIN + " certificates follow each other");
    }
    for (Certificate each : chain) {
      if ((each.rights & power.bit) == 0) {
        throw refused("a certificate does not give the right to " + power.name());
      }
      if (each.generation != generation) {
        throw refused(
            "the owner has revoked what was handed on before; ask the service's owner for a new"
                + " ticket");
      }
      if (seconds > each.expiry) {
        throw refused("a certificate has expired; ask the service's owner for a new ticket");
      }
      byte[] part = toSign(name, instance, each.key, each.rights, each.generation, each.expiry);
      if (!Ed25519.verify(HEX.parseHex(issuer), part, each.signature)) {
        throw new KitException(
            ErrorCode.BAD_SIGNATURE,
            "a certificate for " + name + " was not signed by the key before it");
      }
      issuer = each.key;
    }
    return issuer;
  }

  private static KitException refused(String what) {
    return new KitException(ErrorCode.UNAUTHORISED, what);
  }

  /** The public key that it is for, 64 hexadecimal digits. */
  public String key() {
    return key;
  }

  /** Whether it gives a power. */
  public boolean gives(Power power) {
    return (rights & power.bit) != 0;
  }

  /** The owner's generation in which it counts. */
  public int generation() {
    return generation;
  }

  /** Until when it counts, in seconds since 1970. */
  public long expiry() {
    return expiry;
  }

  /** Appends the canonical form, 110 bytes. */
  public void encode(WireWriter out) {
    Edition.hex(out, key);
    out.u8(rights).i32(generation).i64(expiry);
    out.raw(signature, 0, signature.length);
  }

  /**
   * Reads one.
   *
   * @throws WireException if there is none
   */
  public static Certificate decode(WireReader in) {
    String key = Edition.hex(in);
    int rights = in.u8();
    int generation = in.i32();
    long expiry = in.i64();
    if (rights == 0
        || rights > (Power.INVOKE.bit | Power.UPGRADE.bit)
        || generation < 0
        || expiry < 0) {
      throw new WireException("a certificate with unknown rights or impossible times");
    }
    return new Certificate(key, rights, generation, expiry, in.raw(Ed25519.SIGNATURE_BYTES));
  }

  /** Appends a chain: how many, then each. */
  public static void encodeChain(WireWriter out, List<Certificate> chain) {
    out.u8(chain.size());
    chain.forEach(each -> each.encode(out));
  }

  /**
   * Reads a chain; its signatures are not checked.
   *
   * @throws WireException if there is none
   */
  public static List<Certificate> decodeChain(WireReader in) {
    int count = in.u8();
    if (count > MAX_CHAIN) {
      throw new WireException("more than " + MAX_CHAIN + " certificates follow each other");
    }
    List<Certificate> chain = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chain.add(decode(in));
    }
    return List.copyOf(chain);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Certificate it
        && it.key.equals(key)
        && it.rights == rights
        && it.generation == generation
        && it.expiry == expiry
        && Arrays.equals(it.signature, signature);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }
}
