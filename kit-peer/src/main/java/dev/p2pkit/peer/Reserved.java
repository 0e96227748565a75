// Which access points belong to the peer and not to programs.
package dev.p2pkit.peer;

import dev.p2pkit.peer.gateway.SessionAccessPoint;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;

/** The names that programs, services and clients cannot use. */
final class Reserved {
  /** Where a peer tells of itself. */
  static final String INFO = "$info";

  private Reserved() {}

  /** Whether a name is the peer's own. */
  static boolean isOne(String accessPoint) {
    return accessPoint.startsWith("$")
        || ReplyPoint.isOne(accessPoint)
        || SessionAccessPoint.isOne(accessPoint);
  }

  /** Refuses names that a program cannot send to. */
  static void checkTarget(String accessPoint) {
    if (accessPoint.isEmpty() || accessPoint.length() > Address.MAX_ACCESS_POINT) {
      throw new KitException(
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "an access point has 1 to "
              + Address.MAX_ACCESS_POINT
              + " characters, not "
              + accessPoint.length());
    }
    if (isOne(accessPoint)) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "access points that begin with '$', '~' or 'session/' belong to the peers; use sendTo with an address that came in a"
              + " message, or another name");
    }
  }

  /** Refuses names that a program cannot receive at. */
  static void checkOwn(String accessPoint) {
    if (accessPoint.isEmpty()
        || accessPoint.length() > Address.MAX_ACCESS_POINT
        || isOne(accessPoint)) {
      throw new IllegalArgumentException(
          "an access point has 1 to "
              + Address.MAX_ACCESS_POINT
              + " characters and does not begin with '$', '~' or 'session/'");
    }
  }
}
