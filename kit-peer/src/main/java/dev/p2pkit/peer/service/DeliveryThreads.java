// What the runtime must know of the threads that bring messages.
package dev.p2pkit.peer.service;

/**
 * Tells threads that bring messages apart: turns of services that run on event loops run at once on
 * those, and on no others.
 */
public interface DeliveryThreads {
  /** Whether the present thread may run turns; called for every message, so it must be cheap. */
  boolean mayRunTurns();

  /**
   * A thread on which a turn ran did not come back in time; what else it was to do goes on without
   * it. Called on the thread of the watch; must not block.
   */
  void stuck(Thread thread);
}
