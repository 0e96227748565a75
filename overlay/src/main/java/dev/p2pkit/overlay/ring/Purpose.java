// What the bytes of the overlay are spent on.
package dev.p2pkit.overlay.ring;

/** What the bytes that keep the overlay together are spent on. */
public enum Purpose {
  /** Pointers: heartbeats, joining and leaving. */
  RING,
  /** What rides in heartbeats for the leases, and their own messages. */
  LEASE,
  /** Finding out who is dead. */
  DETECTION,
  /** News of members, what rings that unite tell each other, and the comparison of tables. */
  MEMBERSHIP,
  /** Finding, probing and replacing the contacts outside of the arc. */
  CONTACTS,
  /** What goes through others because a path is closed, one's own and what is passed on. */
  RELAY,
  /**
   * Broadcasts and their repair; programs decide how much that is, it is not part of the budget.
   */
  BROADCAST
}
