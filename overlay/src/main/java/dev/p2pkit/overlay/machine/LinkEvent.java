// What a machine learns of a link.
package dev.p2pkit.overlay.machine;

/** What happened to the link to a peer. */
public enum LinkEvent {
  /** Open and proved. */
  UP,
  /** Was open and has closed. What was sent and not answered may or may not have arrived. */
  DOWN,
  /**
   * The peer's host answered that nobody listens there, or a later incarnation of the peer does:
   * that process is dead.
   */
  REFUSED,
  /** No link could be opened in time; nothing is known of the peer. */
  UNREACHABLE,
  /** Somebody answered, but it is another peer, another network or another protocol. */
  REJECTED
}
