// What connections need of this peer.
package dev.p2pkit.peer;

import dev.p2pkit.peer.connection.Connections;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Joined to the network and the inbox, which are made later. */
record ConnectionCalls(PeerThreads threads, Supplier<PeerNetwork> network, Supplier<Inbox> inbox)
    implements Connections.Surroundings {
  @Override
  public CompletableFuture<Payload> call(
      PeerId peer, String accessPoint, Payload body, Duration deadline) {
    return network.get().callReserved(new Destination.OfPeer(peer), accessPoint, body, deadline);
  }

  @Override
  public void deliver(Incoming incoming) {
    // A connection shows no right, so that it never leads to a restricted service.
    inbox.get().take(incoming, false, 0);
  }

  @Override
  public void after(Duration pause, Runnable action) {
    CompletableFuture.delayedExecutor(
            pause.toMillis(), TimeUnit.MILLISECONDS, threads.completions())
        .execute(action);
  }
}
