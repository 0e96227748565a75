// Keeps the state of a processor from growing beyond its quota.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.function.LongSupplier;

/**
 * Checks the size of a state's encoding. A state that can change is encoded after each turn anyway.
 * One that cannot is encoded for this only when it may have grown much: when the turns have
 * allocated half of what is left to the limit, but at least a 64th of it, or after 1,024 turns. For
 * the owner of the processor, and the size for anybody.
 */
final class StateLimit {
  private static final int MOST_TURNS = 1_024;

  private final ServiceKey key;
  private final LongSupplier allocated;
  private volatile long most;
  private volatile long size;
  private StateKeeper.Good last = new StateKeeper.Good.None();
  private long allocatedThen;
  private int turns = MOST_TURNS;

  /**
   * A limit.
   *
   * @param allocated the bytes that the turns have allocated so far
   */
  StateLimit(ServiceKey key, LongSupplier allocated, long most) {
    this.key = key;
    this.allocated = allocated;
    this.most = most;
  }

  /** Another version's. */
  void most(long bytes) {
    most = bytes;
    turns = MOST_TURNS;
  }

  /** The encoded state when it was measured last, in bytes. */
  long size() {
    return size;
  }

  /** Whether it is the very one that was measured; states are not compared. */
  private boolean isLast(StateKeeper.Good good) {
    return good == last
        || (good instanceof StateKeeper.Good.Shared now
            && last instanceof StateKeeper.Good.Shared then
            && now.state() == then.state());
  }

  /**
   * Checks what a turn has made of the state; runs code of the service.
   *
   * @throws KitException QUOTA if it is too large
   */
  void check(StateKeeper.Good good, ServiceCodec codec) {
    if (good instanceof StateKeeper.Good.None || isLast(good)) {
      return;
    }
    long now = allocated.getAsLong();
    turns++;
    boolean costly = good instanceof StateKeeper.Good.Shared;
    if (costly
        && turns < MOST_TURNS
        && now - allocatedThen < Math.max(most / 64, (most - size) / 2)) {
      return;
    }
    long measured = good.encoded(codec).length;
    allocatedThen = now;
    if (measured > most) {
      turns = MOST_TURNS;
      throw new KitException(
          ErrorCode.QUOTA,
          "the state of "
              + key
              + " would have "
              + measured
              + " bytes, more than its "
              + most
              + "; keep less, or raise maxStateBytes of its @KitService and the peer's"
              + " --service-quota");
    }
    size = measured;
    turns = 0;
    last = good;
  }
}
