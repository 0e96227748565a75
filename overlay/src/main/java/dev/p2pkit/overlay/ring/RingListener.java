// What the ring tells the peer it belongs to.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.Optional;

/**
 * What the ring tells its peer. Called inside of the machine: hand over and return, and do not call
 * the machine from here.
 */
public interface RingListener {
  /** The ring looks different now; immutable, for readers on any thread. */
  void onView(RingView view);

  /**
   * What this peer may serve has changed: the arc, its epoch, or whether there is any. Not told
   * when a lease is merely prolonged; readers of the holding see the end of it.
   */
  default void onHolding(OwnershipMode mode, Holding.Tenure before, Holding.Tenure now) {}

  /** Something happened; see {@link NetworkEvent}. */
  void onEvent(NetworkEvent event);

  /** What goes with an arc when it is handed over; asked each time. */
  default ArcMemory arcMemory() {
    return ArcMemory.NONE;
  }

  /** This peer has its place: it knows the members and owns the keys before it. */
  void onJoined();

  /**
   * This peer was not admitted; it is outside and may try again.
   *
   * @param code {@code NO_ROUTE} if nobody answered in time, {@code ADDRESS_IN_USE} if two members,
   *     or all through whom this peer tried, say that another live process has this identity
   * @param detail who was tried, what each has said, and what to do
   */
  void onJoinFailed(ErrorCode code, String detail);

  /**
   * Whether a later process of a live peer is believed in because somebody says so. Not where links
   * tell of it with the signature of that process: then any peer could put any other off the ring.
   */
  default boolean believesHearsay() {
    return true;
  }

  /**
   * A process with this peer's identity was started later and has joined; this one is outside now.
   */
  default void onSuperseded(Endpoint by) {}

  /** This peer is no part of a ring any more, as it asked. */
  void onLeft();

  /**
   * A broadcast for the peer's programs or services.
   *
   * @return empty if it was taken, else why not
   */
  Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload);
}
