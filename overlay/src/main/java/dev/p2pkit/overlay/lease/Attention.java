// How long a peer has listened without a break.
package dev.p2pkit.overlay.lease;

/**
 * Whether this peer has listened for long enough to act on what it remembers. A process that was
 * stopped does not know it: it sees that it was not driven for a while.
 */
final class Attention {
  /** After so many lease lengths without a sign a peer that has slept counts on nobody. */
  private static final int AFTER_SLEEP = 4;

  private final LeaseState state;
  private final LeaseConfig config;
  private final long suspicion;
  private final Neighbourhood around;

  Attention(LeaseState state, LeaseConfig config, long suspicion, Neighbourhood around) {
    this.state = state;
    this.around = around;
    this.config = config;
    this.suspicion = suspicion;
  }

  /**
   * Notices pauses, and that of the whole ring's holder its lease goes on: called first, whatever
   * happens. Who was not driven for a while, without a lease in the end, knows nothing any more:
   * others may hold its arc, and what seems silent was not listened to. While there is another ring
   * it does not go on to hold everything either: the keys have an owner there.
   */
  void awake(long now) {
    if (now - state.seenAt > suspicion / 2) {
      state.awakeSince = now;
      state.slept = !state.holdsAll();
      state.gap = null;
      GrantRecord before = state.before;
      if (before != null) {
        state.before = before.heard(now, false);
      }
    }
    state.seenAt = now;
    state.slept &= !state.valid(now);
    if (state.holdsAll() && isSure(now) && (state.valid(now) || !around.hearsStrangers(now))) {
      state.until = now + config.length();
    }
  }

  /**
   * Whether this peer may act on what it remembers: it has a lease, or has listened without a break
   * for so long that whoever was granted something before has lost it or was heard. Whoever has
   * slept over the end of its lease listens longer: the one that has taken its arc over may have
   * let others in, whom it does not know, and may sleep itself now.
   */
  boolean isSure(long now) {
    return state.valid(now) || now - state.awakeSince >= listening();
  }

  private long listening() {
    return state.slept ? AFTER_SLEEP * config.guarded() : config.guarded();
  }
}
