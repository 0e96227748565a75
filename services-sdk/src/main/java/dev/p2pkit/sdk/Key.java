// A position on the ring: an unsigned 128-bit number, and the two hashes that make one from a
// value.
package dev.p2pkit.sdk;

import dev.p2pkit.sdk.codec.CanonicalTree;
import dev.p2pkit.sdk.codec.TextValue;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A position on the ring: an unsigned 128-bit number. Its owner is the first live peer at or after
 * it, clockwise.
 *
 * <p>Immutable; the order is that of unsigned numbers.
 *
 * @param high the upper 64 bits, unsigned
 * @param low the lower 64 bits, unsigned
 */
public record Key(long high, long low) implements Comparable<Key>, TextValue {

  /** The length of a key in bytes. */
  public static final int BYTES = 16;

  /** The key 0. */
  public static final Key ZERO = new Key(0, 0);

  /**
   * The key of a value: SHA-256 over the canonical TREE encoding, cut to the first 128 bits. Equal
   * values give equal keys in every JVM and every language; integers of all widths are alike, and a
   * record equals the map of its components.
   *
   * @throws IllegalArgumentException if the value is not made of null, booleans, numbers, strings,
   *     bytes, instants, lists, sets, maps and records of these
   */
  public static Key hash(@Nullable Object value) {
    return digest("SHA-256", value);
  }

  /**
   * Like {@link #hash} with MD5 (RFC 1321) in place of SHA-256, for those who need the function of
   * the original P2PKit. Not for values that an adversary chooses.
   *
   * @throws IllegalArgumentException as {@link #hash}
   */
  public static Key md5(@Nullable Object value) {
    return digest("MD5", value);
  }

  private static Key digest(String algorithm, @Nullable Object value) {
    byte[] encoded = CanonicalTree.encode(value);
    try {
      return of(Arrays.copyOf(MessageDigest.getInstance(algorithm).digest(encoded), BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  /**
   * The key with these 16 bytes, big-endian.
   *
   * @throws IllegalArgumentException if there are not exactly 16
   */
  public static Key of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a key has " + BYTES + " bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Key(buffer.getLong(), buffer.getLong());
  }

  /** The key with this value; negative numbers are refused. */
  public static Key of(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a key is not negative: " + value);
    }
    return new Key(0, value);
  }

  /**
   * Reads what {@link #toString} writes: 32 hexadecimal digits.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Key parse(String text) {
    if (text.length() != 2 * BYTES) {
      throw new IllegalArgumentException(
          "a key is written as 32 hexadecimal digits, not '" + Text.shorten(text) + "'");
    }
    try {
      return of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a key is written as 32 hexadecimal digits, not '" + Text.shorten(text) + "'", e);
    }
  }

  /** The 16 bytes, big-endian. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /**
   * Whether this key lies in the arc {@code (after, upTo]}, clockwise. The arc from a key to itself
   * is the whole ring.
   */
  public boolean isIn(Key after, Key upTo) {
    int ends = after.compareTo(upTo);
    if (ends == 0) {
      return true;
    }
    boolean above = compareTo(after) > 0;
    boolean within = compareTo(upTo) <= 0;
    return ends < 0 ? above && within : above || within;
  }

  /** How far it is from here to {@code other}, clockwise; 0 for the same key. */
  public Key distanceTo(Key other) {
    long lowDifference = other.low - low;
    long borrow = Long.compareUnsigned(other.low, low) < 0 ? 1 : 0;
    return new Key(other.high - high - borrow, lowDifference);
  }

  /** The key at this distance from here, clockwise. */
  public Key plus(Key distance) {
    long lowSum = low + distance.low;
    long carry = Long.compareUnsigned(lowSum, low) < 0 ? 1 : 0;
    return new Key(high + distance.high + carry, lowSum);
  }

  @Override
  public int compareTo(Key other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
