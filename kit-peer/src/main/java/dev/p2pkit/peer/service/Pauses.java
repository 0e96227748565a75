// The pauses of a processor: after a crash, and when it has used up its quota.
package dev.p2pkit.peer.service;

import java.util.concurrent.Future;

/**
 * Lets the turns of one processor wait. A pause ends early when a command comes; whoever ends it
 * owns the processor. For the owner of the processor.
 */
final class Pauses {
  private final Mailbox mailbox;
  private final Threads threads;
  private final Runnable wake;

  /** Calls {@code wake}, which owns the processor then, when a pause is over. */
  Pauses(Mailbox mailbox, Threads threads, Runnable wake) {
    this.mailbox = mailbox;
    this.threads = threads;
    this.wake = wake;
  }

  /** Begins a pause, and then nobody owns the processor; false if a command goes first. */
  boolean begin(long nanos) {
    int parking = mailbox.park();
    if (parking == 0) {
      return false;
    }
    Future<?> unused =
        threads.later(
            () -> {
              if (mailbox.unpark(parking)) {
                wake.run();
              }
            },
            nanos);
    return true;
  }
}
