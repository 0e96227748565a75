// The one encoding of a value that all JVMs and languages agree on, for hashing.
package dev.p2pkit.sdk.codec;

import org.jspecify.annotations.Nullable;

/**
 * The canonical TREE encoding: integers of every width alike, records as maps of their components
 * without a class name, sets as sorted lists, maps sorted by their encoded keys, one zero and one
 * NaN. Rules and test vectors stand in {@code docs/formats.md}.
 */
public final class CanonicalTree {
  private CanonicalTree() {}

  /**
   * Encodes a value.
   *
   * @throws IllegalArgumentException if the value is not made of null, booleans, 64-bit integers,
   *     floating-point numbers, strings, bytes, instants, enums, lists, sets, maps and records of
   *     these, contains itself, or a set or map of it has two elements or keys with one encoding
   */
  public static byte[] encode(@Nullable Object value) {
    return TreeWriter.canonical(value);
  }
}
