// How far a peer is in its life on the ring.
package dev.p2pkit.overlay.ring;

/** How far a peer is in its life on the ring. */
enum Phase {
  /** No part of a ring. */
  OUTSIDE,
  /** Asking for a place. */
  JOINING,
  /** It has its lists and the members, but its successor does not know it yet. */
  ADMITTED,
  /** Part of the ring. */
  MEMBER,
  /** Handing over. */
  LEAVING;

  /** Whether it takes part in maintaining pointers. */
  boolean hasPlace() {
    return this == ADMITTED || this == MEMBER;
  }
}
