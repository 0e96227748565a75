// How much may wait for a subscriber or a handler.
package dev.p2pkit.peer.access;

/**
 * The bounds of what waits for one subscriber of a stream, or for one handler.
 *
 * @param messages the most messages, at least 1
 * @param bytes the most bytes, headers not counted, at least 1
 */
public record AccessLimits(int messages, long bytes) {
  /** 1,024 messages, 8 MiB. */
  public static final AccessLimits DEFAULT = new AccessLimits(1_024, 8 << 20);

  public AccessLimits {
    if (messages < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "a bound is at least 1, not " + messages + " messages and " + bytes + " bytes");
    }
  }
}
