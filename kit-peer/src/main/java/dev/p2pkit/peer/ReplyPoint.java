// The access point at which the reply to one call arrives, when somebody else than the called one
// answers.
package dev.p2pkit.peer;

import java.util.HexFormat;
import java.util.OptionalLong;

/** Names of the form {@code ~ID}, where the id is that of an open call of the peer. */
final class ReplyPoint {
  private static final char MARK = '~';
  private static final int DIGITS = 16;

  private ReplyPoint() {}

  static String of(long call) {
    return MARK + HexFormat.of().toHexDigits(call);
  }

  static boolean isOne(String accessPoint) {
    return accessPoint.charAt(0) == MARK;
  }

  /** The call's id; empty if the name is not well-formed. */
  static OptionalLong parse(String accessPoint) {
    if (accessPoint.length() != 1 + DIGITS) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(HexFormat.fromHexDigitsToLong(accessPoint, 1, accessPoint.length()));
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }
}
