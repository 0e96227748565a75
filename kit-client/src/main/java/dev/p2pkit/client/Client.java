// A program outside of the ring that reaches it through a proxy peer.
package dev.p2pkit.client;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A thin client: the {@link Network} through a proxy peer, without being a member of the ring.
 * Thread-safe.
 */
public abstract class Client implements Network {
  Client() {}

  /** {@link #connect(List, ClientOptions)} with the default options. */
  public static CompletableFuture<Client> connect(List<String> tickets) {
    return connect(tickets, ClientOptions.DEFAULT);
  }

  /**
   * Attaches with one of these tickets, tried in random order.
   *
   * <p>Fails, naming each ticket's reason, with {@link ErrorCode#BAD_TICKET} if no ticket is usable
   * and with {@link ErrorCode#NO_ROUTE} if none of the usable ones led to a peer.
   */
  public static CompletableFuture<Client> connect(List<String> tickets, ClientOptions options) {
    return CompletableFuture.failedFuture(
        new KitException(ErrorCode.NOT_READY, "not there yet: " + tickets.size() + options));
  }

  /** The id of this client's session; part of the addresses of its proxies. */
  public abstract Key sessionId();

  /** A fresh access point at which this client receives. */
  public abstract Proxy openProxy();
}
