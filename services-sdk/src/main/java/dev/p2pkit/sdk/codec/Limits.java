// The bounds that all codecs share.
package dev.p2pkit.sdk.codec;

/** The bounds that all codecs share; they hold for what is written and for what is read. */
final class Limits {
  /** How deep values may be nested. */
  static final int DEPTH = 64;

  /** How long an encoded value may be, in bytes. */
  static final int BYTES = 64 << 20;

  private Limits() {}

  static IllegalArgumentException tooDeep() {
    return new IllegalArgumentException(
        "a value is nested at most " + DEPTH + " levels deep; does it contain itself?");
  }

  static IllegalArgumentException tooLong() {
    return new IllegalArgumentException("an encoded value has at most " + BYTES + " bytes");
  }
}
