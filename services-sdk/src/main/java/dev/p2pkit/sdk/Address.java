// Where a message or a reply can be sent: an access point of a peer or of a client's session.
package dev.p2pkit.sdk;

import dev.p2pkit.sdk.codec.TextValue;
import java.util.Locale;

/**
 * Where a message can be sent. It may be put into a message and handed to a third party. The
 * address of a client names its session and is resolved through the owner of the session's hash, so
 * it does not depend on the client's proxy peer.
 *
 * @param kind whether {@code id} names a peer or a session
 * @param id the peer's position or the session's id
 * @param accessPoint the name of the access point there, 1 to 255 characters
 */
public record Address(Kind kind, Key id, String accessPoint) implements TextValue {

  /** The longest name of an access point, in characters. */
  public static final int MAX_ACCESS_POINT = 255;

  /** What the id of an address names. */
  public enum Kind {
    /** A full peer. */
    PEER,
    /** A client's session. */
    SESSION
  }

  /** Checks the length of the access point: 1 to 255 characters. */
  public Address {
    if (accessPoint.isEmpty() || accessPoint.length() > MAX_ACCESS_POINT) {
      throw new IllegalArgumentException(
          "an access point has 1 to 255 characters, not " + accessPoint.length());
    }
  }

  /** An access point of a peer. */
  public static Address ofPeer(PeerId peer, String accessPoint) {
    return new Address(Kind.PEER, peer.position(), accessPoint);
  }

  /** An access point (a proxy) of a client's session. */
  public static Address ofSession(Key session, String accessPoint) {
    return new Address(Kind.SESSION, session, accessPoint);
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Address parse(String text) {
    int colon = text.indexOf(':');
    int slash = text.indexOf('/');
    if (colon < 0 || slash != colon + 1 + 2 * Key.BYTES) {
      throw new IllegalArgumentException(
          "an address is written peer:ID/ACCESS-POINT or session:ID/ACCESS-POINT, not '"
              + Text.shorten(text)
              + "'");
    }
    Kind kind =
        switch (text.substring(0, colon)) {
          case "peer" -> Kind.PEER;
          case "session" -> Kind.SESSION;
          default ->
              throw new IllegalArgumentException(
                  "an address begins with 'peer:' or 'session:', not '" + Text.shorten(text) + "'");
        };
    return new Address(
        kind, Key.parse(text.substring(colon + 1, slash)), text.substring(slash + 1));
  }

  /** {@code peer:ID/ACCESS-POINT} or {@code session:ID/ACCESS-POINT}. */
  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + ":" + id + "/" + accessPoint;
  }
}
