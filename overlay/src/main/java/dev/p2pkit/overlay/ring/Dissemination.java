// How news of members reaches everybody.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.RingView;

/**
 * Tells all peers what happened to a member. May fail to reach some: the comparison of tables
 * repairs that.
 */
interface Dissemination {
  /** Tells everybody, after the present step. */
  void announce(MemberNews news);

  /**
   * Tells everybody that this peer leaves.
   *
   * @param whenTold called once, when all have been told or time is up
   */
  void farewell(long now, MemberNews news, long until, Runnable whenTold);

  /** Whom to tell; called before {@link #flush}. */
  void onView(long now, RingView view);

  /** The step is over: what was announced goes out. */
  void flush(long now);
}
