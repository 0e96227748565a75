// Who sent a message.
package dev.p2pkit.sdk;

/** Who sent a message. */
public sealed interface Source {
  /** A full peer. */
  record OfPeer(PeerId peer) implements Source {}

  /** A thin client; it is not named, because a processor answers to {@link Message#replyTo()}. */
  record OfClient() implements Source {}
}
