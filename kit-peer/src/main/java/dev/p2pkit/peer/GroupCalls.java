// What multicasts need of this peer.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.peer.multicast.Multicaster;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Payload;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Joined to the network and the inbox, which are made later. */
record GroupCalls(OverlayPeer overlay, Supplier<PeerNetwork> network, Supplier<Inbox> inbox)
    implements Multicaster.Surroundings {
  @Override
  public RingView view() {
    return overlay.view();
  }

  @Override
  public boolean isHere(Destination target) {
    if (target instanceof Destination.OfPeer of) {
      return of.peer().equals(overlay.self().id());
    }
    return target instanceof Destination.OfKey of && overlay.view().owns(of.key(), overlay.now());
  }

  @Override
  public CompletableFuture<Payload> call(
      Destination target, String accessPoint, Payload body, Duration deadline) {
    return network.get().callReserved(target, accessPoint, body, deadline);
  }

  @Override
  public void deliver(Incoming incoming, boolean permitted, long serviceEpoch) {
    inbox.get().take(incoming, permitted, serviceEpoch);
  }
}
