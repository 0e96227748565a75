// Tells a peer, and not too often, that another process has its identity.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.sdk.NetworkEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Makes the events about another process with this peer's identity. Every peer that has links to
 * both says so, so the same news is told once a minute at most. Thread-safe.
 */
final class IdentityWatch {
  private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanos;
  private String lastOther = "";
  private boolean lastStays;
  private long lastAt;

  /**
   * A watch.
   *
   * @param nanos a monotonic clock
   */
  IdentityWatch(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** What to tell, if that has not just been told. */
  synchronized Optional<NetworkEvent.IdentityClash> seen(String other, boolean stays) {
    long now = nanos.getAsLong();
    if (other.equals(lastOther) && stays == lastStays && now - lastAt < AGAIN_NANOS) {
      return Optional.empty();
    }
    lastOther = other;
    lastStays = stays;
    lastAt = now;
    return Optional.of(new NetworkEvent.IdentityClash(other, stays, advice(other, stays)));
  }

  private static String advice(String other, boolean stays) {
    return stays
        ? "this process was started later and stays; stop the one at "
            + other
            + ", or delete identity.key in the data directory of one of the two, which then gets an"
            + " identity of its own"
        : "the process at "
            + other
            + " was started later and stays; stop this one, and before you start it again delete"
            + " identity.key in its data directory if both are to run";
  }
}
