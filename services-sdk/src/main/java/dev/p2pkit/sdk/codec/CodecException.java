// What the codecs throw when bytes do not mean what was asked for.
package dev.p2pkit.sdk.codec;

/** Bytes that cannot be read as what was asked for. The message says what was expected. */
public final class CodecException extends RuntimeException {
  /** With what was wrong. */
  public CodecException(String message) {
    super(message);
  }

  /** With what was wrong and why. */
  public CodecException(String message, Throwable cause) {
    super(message, cause);
  }
}
