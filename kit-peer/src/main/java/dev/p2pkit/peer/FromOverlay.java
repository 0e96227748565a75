// What overlay and registry tell a peer, passed on to the part that it concerns.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.peer.OverlayListener;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.peer.gateway.DeliveryCallback;
import dev.p2pkit.peer.gateway.Gateway;
import dev.p2pkit.peer.gateway.SessionAccessPoint;
import dev.p2pkit.peer.registry.RegistryListener;
import dev.p2pkit.peer.registry.ServiceDirectory;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ear of a peer. Its parts are made one after the other and some of them listen before the last
 * is there, so they are connected at the end, before anything is listened to.
 */
final class FromOverlay implements OverlayListener, RegistryListener {
  private static final Logger log = LoggerFactory.getLogger(FromOverlay.class);
  private static final Duration RECORD_LIFE = Duration.ofSeconds(20);

  private final EventStream events;
  private final AuditLog audit;
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private volatile @Nullable Connected connected;

  private record Connected(PeerParts parts, Inbox inbox, Gateway gateway, GatewayTicker ticker) {}

  FromOverlay(EventStream events, AuditLog audit) {
    this.events = events;
    this.audit = audit;
  }

  /** From now on the parts are there. */
  void connect(PeerParts parts, Inbox inbox, Gateway gateway, GatewayTicker ticker) {
    connected = new Connected(parts, inbox, gateway, ticker);
  }

  /** Completes when this peer may serve keys. */
  CompletableFuture<Void> caughtUp() {
    return caughtUp;
  }

  private Connected here() {
    Connected present = connected;
    if (present == null) {
      throw new IllegalStateException("a message before the peer listens");
    }
    return present;
  }

  @Override
  public void deliver(Inbound inbound) {
    here().inbox().deliver(inbound);
  }

  @Override
  public OwnershipMode ownershipMode(String accessPoint) {
    return here().parts().runtime().ownershipAt(accessPoint);
  }

  @Override
  public void onHolding(OwnershipMode mode, Holding.Tenure before, Holding.Tenure now) {
    Connected present = connected;
    if (present != null) {
      present
          .parts()
          .runtime()
          .owns(mode, arc(before), arc(now), Math.max(before.epoch(), now.epoch()));
    }
  }

  private static Optional<Arc> arc(Holding.Tenure tenure) {
    return tenure.isNone() ? Optional.empty() : Optional.of(new Arc(tenure.after(), tenure.upTo()));
  }

  @Override
  public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
    PeerParts parts = here().parts();
    OverlayPeer overlay = parts.overlay();
    if (topic == RingMachine.TOPIC_REGISTRY) {
      return parts.registry().onBroadcast(overlay.now(), origin, payload);
    }
    if (topic == RingMachine.TOPIC_BANS) {
      return parts.bans().onBroadcast(payload);
    }
    if (topic == RingMachine.TOPIC_TRUST) {
      return parts.trust().onBroadcast(payload);
    }
    try {
      return here().inbox().broadcast(origin, BroadcastBody.decode(payload));
    } catch (KitException e) {
      log.debug("a broadcast from {} was refused: {}", origin, e.detail());
      return Optional.of(e.code());
    }
  }

  @Override
  public void onView(RingView view) {
    // Whoever needs the ring takes the overlay's latest view.
  }

  @Override
  public void onEvent(NetworkEvent event) {
    events.publish(event);
    Connected present = connected;
    if (present != null && event instanceof NetworkEvent.PeerFailed failed) {
      present.parts().connections().gone(failed.peer());
    } else if (present != null && event instanceof NetworkEvent.PeerLeft left) {
      present.parts().connections().gone(left.peer());
    } else if (present != null && event instanceof NetworkEvent.Merged merged) {
      Arc arc = new Arc(merged.from(), merged.to());
      present.parts().runtime().merged(arc, merged.epoch(), merged.otherEpoch());
    }
  }

  @Override
  public ClientAdmission admitClient(ClientGreeting greeting) {
    return here().gateway().admitClient(greeting);
  }

  @Override
  public void onClientUp(ClientLink link) {
    Connected here = here();
    here.gateway().onClientUp(link);
    here.ticker().wake();
  }

  @Override
  public void onClientMessage(ClientLink link, WireMessage message) {
    here().gateway().onClientMessage(link, message);
  }

  @Override
  public void onClientDown(ClientLink link, String reason) {
    here().gateway().onClientDown(link, reason);
  }

  @Override
  public void broadcast(byte[] payload) {
    // Anti-entropy brings the record to whom this misses; the report is only for the log.
    CompletableFuture<?> unused =
        here()
            .parts()
            .overlay()
            .broadcast(RingMachine.TOPIC_REGISTRY, payload, RECORD_LIFE)
            .whenComplete((report, failed) -> log.debug("a record was sent: {}", report, failed));
  }

  @Override
  public void onAudit(AuditEntry entry) {
    audit.add(entry);
  }

  @Override
  public void onServices(ServiceDirectory directory) {
    // Senders and deliveries take the registry's latest directory.
  }

  @Override
  public void onCaughtUp() {
    here().inbox().open();
    caughtUp.complete(null);
  }

  /** A message for a proxy of a client that is attached here. */
  void toSession(SessionAccessPoint at, Incoming incoming) {
    Message arrived = incoming.message();
    // The client sees the names it knows: its session and its proxy, not how peers write them.
    Message asAddressed =
        new Message(
            arrived.source(),
            new Destination.OfSession(at.session()),
            at.accessPoint(),
            arrived.body(),
            arrived.replyTo());
    here()
        .gateway()
        .deliver(
            at.session(),
            at.accessPoint(),
            asAddressed,
            new DeliveryCallback() {
              @Override
              public void accepted() {
                incoming.processed();
              }

              @Override
              public void failed(ErrorCode code, String detail) {
                incoming.fail(code, detail);
              }
            });
  }
}
