// The one encoding of a value that all JVMs and languages agree on, for hashing.
package dev.p2pkit.sdk.codec;

import org.jspecify.annotations.Nullable;

/** The canonical TREE encoding; see {@code docs/formats.md}. */
public final class CanonicalTree {
  private CanonicalTree() {}

  /** Encodes a value; refuses what TREE does not know with {@link IllegalArgumentException}. */
  public static byte[] encode(@Nullable Object value) {
    if (value != null) {
      throw new IllegalArgumentException("not there yet");
    }
    return new byte[0];
  }
}
