// What a codec throws at bytes it cannot read.
package dev.p2pkit.overlay.machine;

/**
 * Bytes from a link that are not what they should be. The link is closed with this message as the
 * reason.
 */
public final class WireException extends RuntimeException {
  /** With what was expected and what came. */
  public WireException(String message) {
    super(message);
  }
}
