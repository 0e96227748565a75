// Whom a message was addressed to, as the sender wrote it.
package dev.p2pkit.sdk;

/**
 * Whom a message was addressed to. A broadcast shows each receiver its own id, as {@link OfPeer}.
 */
public sealed interface Destination {
  /** The owner of a key. */
  record OfKey(Key key) implements Destination {}

  /** A peer. */
  record OfPeer(PeerId peer) implements Destination {}

  /** A client's session. */
  record OfSession(Key session) implements Destination {}
}
