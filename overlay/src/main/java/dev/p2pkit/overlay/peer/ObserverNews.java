// What the observers of a peer say, or the peer as an observer, passed on to where it matters.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.observer.ObserverMachine;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Consumer;

/** Hears the observer machine; on the control thread, inside of the machine. */
final class ObserverNews implements ObserverMachine.Host {
  private final ControlLoop loop;
  private final OverlayListener listener;
  private final PendingJoin joining;
  private final Consumer<RingView> publish;

  /**
   * Passes news on.
   *
   * @param publish gets the view of the proxy, which is this observer's
   */
  ObserverNews(
      ControlLoop loop, OverlayListener listener, PendingJoin joining, Consumer<RingView> publish) {
    this.loop = loop;
    this.listener = listener;
    this.joining = joining;
    this.publish = publish;
  }

  @Override
  public void attached(PeerId observer) {
    tell(new NetworkEvent.ObserverAttached(observer));
  }

  @Override
  public void detached(PeerId observer) {
    tell(new NetworkEvent.ObserverDetached(observer));
  }

  @Override
  public void observes(PeerRef proxy, RingView next) {
    publish.accept(next);
    tell(new NetworkEvent.Connected(proxy.id()));
    joining.succeeded();
  }

  private void tell(NetworkEvent event) {
    loop.run(now -> listener.onEvent(event));
  }
}
