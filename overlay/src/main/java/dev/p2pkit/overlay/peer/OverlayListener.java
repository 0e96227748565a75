// What an overlay tells the peer it belongs to.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.Optional;

/** What an overlay tells its peer. Nothing here may block. */
public interface OverlayListener {
  /**
   * A message for this peer or a key it owns, to be answered by {@link OverlayPeer#complete}. Comes
   * on the thread that brought it, an event loop or a caller's; messages of one sender one at a
   * time and in its order, those of different senders perhaps at the same time.
   */
  void deliver(Inbound inbound);

  /** How careful the receivers at an access point are about having one owner per key. */
  default OwnershipMode ownershipMode(String accessPoint) {
    return OwnershipMode.STRICT;
  }

  /**
   * What this peer may serve has changed. On the control thread, before any message is accepted for
   * an arc that came, and after the last was accepted for one that went: be quick.
   */
  default void onHolding(OwnershipMode mode, Holding.Tenure before, Holding.Tenure now) {}

  /** A broadcast, on the control thread; empty if it was taken, else why not. */
  Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload);

  /** The ring looks different now; on the control thread. */
  void onView(RingView view);

  /** Something happened; on the control thread. */
  void onEvent(NetworkEvent event);

  /** Whether a client may attach; on an event loop. */
  ClientAdmission admitClient(ClientGreeting greeting);

  /** A client has attached; on an event loop. */
  void onClientUp(ClientLink link);

  /** A message from a client; on its event loop, in order. */
  void onClientMessage(ClientLink link, WireMessage message);

  /** A client has gone; on its event loop. */
  void onClientDown(ClientLink link, String reason);
}
