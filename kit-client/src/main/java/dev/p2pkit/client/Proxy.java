// A client's receiving access point.
package dev.p2pkit.client;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A place at which a client receives messages. Its address may be put into messages and passed on;
 * what any peer or client sends there appears at {@link #messages}. Thread-safe.
 */
public interface Proxy extends AutoCloseable {
  /** Where others send to. */
  Address address();

  /**
   * Completes when the proxy peer knows of this proxy. Messages that this client sends after {@link
   * Client#openProxy} arrive at the proxy peer after that anyhow; wait for this before the address
   * is handed to somebody by another way.
   */
  CompletableFuture<Proxy> ready();

  /**
   * The messages that arrive. Until the first subscriber comes they are kept, up to the client's
   * window; each subscriber sees every message from its subscription on. A subscriber that does not
   * ask for more lets the window fill; then senders get {@link
   * dev.p2pkit.sdk.ErrorCode#SLOW_CONSUMER} and this client the event of that name.
   */
  Flow.Publisher<Message> messages();

  /** Frees the access point; later messages for it are refused. */
  @Override
  void close();
}
