// What the transport of a peer says, passed on to router, control machines and program.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.RoutingCodec;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.TransportListener;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.function.Supplier;

/**
 * Hears the transport; on event loops. Frames of the router go straight to the data plane, all
 * others to the control thread; both hear what becomes of links.
 */
final class LinkNews implements TransportListener {
  private final RoutingCodec routing;
  private final ControlLoop loop;
  private final DataPlane data;
  private final RingMachine ring;
  private final OverlayListener listener;
  private final Supplier<RingView> view;
  private final IdentityWatch identities = new IdentityWatch(System::nanoTime);

  /**
   * Passes news on.
   *
   * @param routing knows the frames of the router
   * @param view the ring as this peer sees it
   */
  LinkNews(
      RoutingCodec routing,
      ControlLoop loop,
      DataPlane data,
      RingMachine ring,
      OverlayListener listener,
      Supplier<RingView> view) {
    this.routing = routing;
    this.loop = loop;
    this.data = data;
    this.ring = ring;
    this.listener = listener;
    this.view = view;
  }

  @Override
  public void onMessage(PeerRef from, WireMessage message) {
    if (routing.handles(message)) {
      data.message(from, message);
    } else {
      loop.message(from, message);
    }
  }

  @Override
  public void onLink(PeerRef peer, LinkEvent told) {
    PeerId id = peer.id();
    // Nobody at an address that the peer does not use (an outdated entry point) is no evidence of
    // its death.
    LinkEvent event = told == LinkEvent.REFUSED && isElsewhere(peer) ? LinkEvent.UNREACHABLE : told;
    data.link(
        peer,
        event,
        unanswered -> {
          if (event == LinkEvent.UP) {
            loop.run(now -> listener.onEvent(new NetworkEvent.LinkOpened(id)));
          } else if (event == LinkEvent.DOWN) {
            loop.run(now -> listener.onEvent(new NetworkEvent.LinkClosed(id, unanswered)));
          }
        });
    loop.link(peer, event);
  }

  @Override
  public void onDialDelayed(PeerRef peer) {
    loop.run(now -> ring.dialDelayed(now, peer.id()));
  }

  private boolean isElsewhere(PeerRef dialled) {
    return view.get()
        .find(dialled.id())
        .map(known -> !known.endpoint().equals(dialled.endpoint()))
        .orElse(false);
  }

  @Override
  public void onRival(Endpoint other, boolean stays) {
    identities
        .seen(other.toString(), stays)
        .ifPresent(clash -> loop.run(now -> listener.onEvent(clash)));
    if (!stays) {
      loop.run(ring::superseded);
    }
  }

  @Override
  public ClientAdmission admitClient(ClientGreeting greeting) {
    return listener.admitClient(greeting);
  }

  @Override
  public void onClientUp(ClientLink link) {
    listener.onClientUp(link);
  }

  @Override
  public void onClientMessage(ClientLink link, WireMessage message) {
    listener.onClientMessage(link, message);
  }

  @Override
  public void onClientDown(ClientLink link, String reason) {
    listener.onClientDown(link, reason);
  }
}
