// Places in the code where a simulation may make something go wrong.
package dev.p2pkit.overlay.machine;

/**
 * A place in the code where a simulation may make something go wrong that the network alone seldom
 * does. After FoundationDB's BUGGIFY: in a run some of the sites are active, and those fire now and
 * then.
 */
public enum FaultSite {
  /** The admission of a newcomer to an arc is decided, and not sent. */
  ADMISSION_LOST,
  /** A heartbeat is taken and what it asks for is granted, and the answer is not sent. */
  ANSWER_LOST,
  /** A peer tells only the first of its successors. */
  LIST_SHORTENED,
  /** A timer comes five seconds late. */
  TIMER_LATE,
  /** The answer to a renewal is looked at only when the lease that it grants is over. */
  GRANT_LATE,
  /** A peer takes the smallest table that there is, whatever its budget. */
  TABLE_SMALLEST,
  /**
   * A peer takes the ring for four times as large or as small as it is, and tells its neighbours.
   */
  SIZE_WRONG,
  /** News of members for one place are collected for ten seconds before they travel. */
  NEWS_LATE
}
