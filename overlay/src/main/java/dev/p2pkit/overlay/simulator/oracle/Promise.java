// What an oracle can find broken.
package dev.p2pkit.overlay.simulator.oracle;

/** What an oracle can find broken. */
public enum Promise {
  /** Among peers that can reach each other a key has at most one server. */
  ONE_SERVER,
  /** The same between the sides of a partition that lasts: expected there, counted apart. */
  ONE_SERVER_ACROSS_A_CUT,
  /** The same between sides that become one ring again: expected for a while, counted apart. */
  ONE_SERVER_AFTER_A_CUT,
  /** The epoch of a key grows with each new server. */
  EPOCHS_GROW,
  /** Lists of neighbours are in the order of the ring and name nobody twice. */
  LISTS_ORDERED,
  /** Zave's invariant, while what it assumes of failures holds. */
  RING_INVARIANT,
  /** What a caller is told is what happened, once and in time. */
  OUTCOMES_TRUE,
  /** A broadcast reaches everybody who was there throughout, exactly once and in order. */
  BROADCAST_WHOLE,
  /** The report of a broadcast comes in time, names whom it reached, and hides nobody it missed. */
  REPORTS_TRUE,
  /** A peer sends no more than its budget. */
  BUDGET_KEPT,
  /** No queue and no table grows beyond its bound. */
  BOUNDS_KEPT;

  /** Whether a partition explains that it is broken, which fails no run. */
  public boolean explained() {
    return this == ONE_SERVER_ACROSS_A_CUT || this == ONE_SERVER_AFTER_A_CUT;
  }
}
