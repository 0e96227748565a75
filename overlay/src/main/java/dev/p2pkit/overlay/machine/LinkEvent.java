// What a machine learns of a link.
package dev.p2pkit.overlay.machine;

/** What happened to the link to a peer. */
public enum LinkEvent {
  /** Open and proved. */
  UP,
  /** Was open and has closed. What was sent and not answered may or may not have arrived. */
  DOWN,
  /**
   * That process is dead: its host, which had a link to it, answers now that nobody listens where
   * it listened, or a later process holds the lock that it held for life. A refusal that proves no
   * death is {@link #UNREACHABLE}.
   */
  REFUSED,
  /** No link could be opened in time; nothing is known of the peer. */
  UNREACHABLE,
  /** It was not tried, because this process has too much to do; nothing is known of the peer. */
  BUSY,
  /** Somebody answered, but it is another peer, another network or another protocol. */
  REJECTED
}
