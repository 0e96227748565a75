// The door for clients: admits them, carries out what they ask, delivers to their proxies.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.ticket.ClientTicket;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients of one peer. The peer hands it the client calls of its transport listener, and calls
 * {@link #tick} every few dozen milliseconds while {@link #hasClients}. Thread-safe.
 */
public final class Gateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** How many admitted clients whose link is not up yet are remembered. */
  private static final int MOST_ADMITTED = 4_096;

  private final Identity identity;
  private final String network;
  private final boolean tls;
  private final Clock clock;
  private final Shared shared;
  private final SessionListener listener;
  private final Map<ClientLink, AttachedClient> clients = new ConcurrentHashMap<>();
  private final Map<Key, AttachedClient> sessions = new ConcurrentHashMap<>();
  // Guarded by itself.
  private final Map<Key, Set<Right>> admitted = new LinkedHashMap<>();
  private volatile boolean closed;

  /** What all clients of a gateway have in common. */
  record Shared(
      Identity identity,
      GatewayConfig config,
      ClientOperations operations,
      Clock clock,
      Executor executor,
      Semaphore uploads) {}

  /**
   * A gateway without clients.
   *
   * @param identity this peer's; its tickets are signed with it
   * @param network the network's name
   * @param tls whether this peer's links are encrypted
   * @param executor for checking archives that clients send
   * @param listener hears of sessions that begin and end
   * @param clock for the expiry of tickets
   */
  public Gateway(
      Identity identity,
      String network,
      boolean tls,
      GatewayConfig config,
      ClientOperations operations,
      Executor executor,
      SessionListener listener,
      Clock clock) {
    this.identity = identity;
    this.network = network;
    this.tls = tls;
    this.clock = clock;
    this.listener = listener;
    this.shared =
        new Shared(identity, config, operations, clock, executor, new Semaphore(config.uploads()));
  }

  /** Who hears of sessions; called on any thread, must not block. */
  public interface SessionListener {
    /** A session has begun here. */
    void attached(Key session);

    /** A session has ended. */
    void detached(Key session);
  }

  /**
   * A ticket with which a client can attach to this peer.
   *
   * @param endpoints where clients reach it, 1 to 8
   * @param validity until when it can be used to attach, from now on
   */
  public ClientTicket issue(List<Endpoint> endpoints, Set<Right> rights, Duration validity) {
    byte[] nonce = new byte[ClientTicket.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return ClientTicket.issue(
        endpoints, identity, network, tls, rights, clock.instant().plus(validity), nonce);
  }

  /** Checks a client's ticket; see the transport's listener. */
  public ClientAdmission admitClient(ClientGreeting greeting) {
    if (closed) {
      return ClientAdmission.refuse(ErrorCode.CLOSED, "this peer is leaving; use another ticket");
    }
    ClientTicket ticket;
    try {
      ticket = ClientTicket.parse(greeting.ticket());
      ticket.checkExpiry(clock.instant());
    } catch (KitException e) {
      LOG.info("refused a client from {}: {}", greeting.remoteAddress(), e.detail());
      return ClientAdmission.refuse(e.code(), e.detail());
    }
    if (!ticket.peer().equals(identity.id()) || !ticket.network().equals(network)) {
      return ClientAdmission.refuse(
          ErrorCode.BAD_TICKET,
          "the client ticket was issued by peer "
              + ticket.peer()
              + " of network "
              + ticket.network()
              + ", not by this one; run ./p2pkit ticket on this peer to get a new one");
    }
    synchronized (admitted) {
      if (admitted.size() >= MOST_ADMITTED) {
        admitted.remove(admitted.keySet().iterator().next());
      }
      admitted.put(greeting.clientKey(), ticket.rights());
    }
    return ClientAdmission.accept();
  }

  /** A client's link is up. */
  public void onClientUp(ClientLink link) {
    Set<Right> rights;
    synchronized (admitted) {
      rights = admitted.remove(link.clientKey());
    }
    if (rights == null || closed) {
      link.close("attach again");
      return;
    }
    clients.put(link, new AttachedClient(link, rights, shared, this::opened));
  }

  private void opened(AttachedClient client, Key session) {
    sessions.put(session, client);
    listener.attached(session);
    shared.operations().event(new NetworkEvent.ClientAttached(session));
  }

  /** A message from a client. */
  public void onClientMessage(ClientLink link, WireMessage message) {
    AttachedClient client = clients.get(link);
    if (client != null && message instanceof SessionMessage session) {
      client.onMessage(session);
    }
  }

  /** A client's link is gone, and with it, as yet, its session. */
  public void onClientDown(ClientLink link, String reason) {
    AttachedClient client = clients.remove(link);
    if (client == null) {
      return;
    }
    client
        .session()
        .ifPresent(
            session -> {
              // The session leaves the tables first, so that nothing more is delivered to it.
              sessions.remove(session);
              listener.detached(session);
              shared.operations().event(new NetworkEvent.ClientDetached(session));
              LOG.debug("session {} ended: {}", session, reason);
            });
    client.down();
  }

  /**
   * Delivers a message to a proxy of a client of this peer.
   *
   * @param callback called once; fails with SESSION_EXPIRED, NO_SUCH_ACCESS_POINT, SLOW_CONSUMER,
   *     MESSAGE_TOO_LARGE, or DELIVERY_UNKNOWN if the client went before it had acknowledged
   */
  public void deliver(Key session, String accessPoint, Message message, DeliveryCallback callback) {
    AttachedClient client = sessions.get(session);
    if (client == null) {
      callback.failed(
          ErrorCode.SESSION_EXPIRED, "no client with the session " + session + " is attached here");
    } else {
      client.deliver(accessPoint, message, callback);
    }
  }

  /** The sessions that are attached to this peer. */
  public List<Key> sessions() {
    return new ArrayList<>(sessions.keySet());
  }

  /** Whether a client is attached, or about to attach. */
  public boolean hasClients() {
    return !clients.isEmpty();
  }

  /** Tries again what found no room before. */
  public void tick() {
    clients.values().forEach(AttachedClient::tick);
  }

  /** Ends all sessions. */
  public void close() {
    closed = true;
    clients.values().forEach(client -> client.end(ErrorCode.CLOSED, "this peer is leaving"));
  }
}
