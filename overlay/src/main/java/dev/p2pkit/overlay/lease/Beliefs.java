// What is believed of the times and epochs that others name.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Arc;
import dev.p2pkit.overlay.lease.LeaseMessage.Before;

/** Which times and epochs of others this peer takes for true. */
final class Beliefs {
  private final LeaseState state;

  Beliefs(LeaseState state) {
    this.state = state;
  }

  /**
   * Whether the time and the epochs that a peer names can be true. Epochs that leap are a lie that
   * would use them up. If they can, the ring's time goes on from there.
   */
  boolean believes(long now, Renewal renewal) {
    return believes(
        now,
        renewal.time(),
        renewal.epoch(),
        renewal.registered(),
        renewal.beforeEpoch(),
        renewal.beforeRequired());
  }

  boolean believes(long now, Arc arc) {
    Before before = arc.before();
    return believes(
        now,
        arc.time(),
        arc.epoch(),
        before.epoch(),
        before.required(),
        before.beforeEpoch(),
        before.beforeRequired());
  }

  private boolean believes(long now, long time, long... epochs) {
    long latest = Math.max(time, state.time.at(now));
    for (long epoch : epochs) {
      if (!RingTime.allows(latest, epoch)) {
        return false;
      }
    }
    if (state.epoch > 0 && !state.time.believes(now, time)) {
      return false;
    }
    state.time = state.time.heard(now, time);
    return true;
  }
}
