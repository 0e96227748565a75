// How a proxy of a client is named at the client's proxy peer.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.sdk.Key;
import java.util.Optional;

/**
 * The access point of a peer under which a proxy of one of its clients is reached: {@code
 * session/SESSION/ACCESS-POINT}. Only peers write such names; a program's access point that begins
 * so is refused.
 *
 * @param session the client's session
 * @param accessPoint the proxy's own access point
 */
public record SessionAccessPoint(Key session, String accessPoint) {
  /** How such names begin. */
  public static final String PREFIX = "session/";

  private static final int NAME_AT = PREFIX.length() + 2 * Key.BYTES + 1;

  /** Whether a name is one of these, well-formed or not. */
  public static boolean isOne(String name) {
    return name.startsWith(PREFIX);
  }

  /** Reads a name; empty if it is not one of these. */
  public static Optional<SessionAccessPoint> parse(String name) {
    if (!isOne(name) || name.length() <= NAME_AT || name.charAt(NAME_AT - 1) != '/') {
      return Optional.empty();
    }
    try {
      Key session = Key.parse(name.substring(PREFIX.length(), NAME_AT - 1));
      return Optional.of(new SessionAccessPoint(session, name.substring(NAME_AT)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The name. */
  public String name() {
    return PREFIX + session + "/" + accessPoint;
  }
}
