// What a starting peer does about a ring.
package dev.p2pkit.overlay.peer;

/** What a starting peer does about a ring. */
public enum EntryMode {
  /** Founds a ring of its own. */
  CREATE,
  /** Joins through an entry point, or fails. */
  JOIN_ONLY,
  /** Joins through an entry point, or founds a ring if none of them answers. */
  CREATE_OR_JOIN
}
