// Brings a message that arrived to all who receive at its access point.
package dev.p2pkit.peer.access;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * The access points of a peer. Each message goes to every subscriber of the access point's stream,
 * to the program's handler and to every processor of the service of that name; it is acknowledged
 * when the buffers of all subscribers have it and the handler and all processors are done.
 * Thread-safe; nothing blocks.
 */
public final class AccessPoints implements AutoCloseable {
  /**
   * Without any access point yet.
   *
   * @param services the services, whose names are access points
   * @param executor where subscribers and handlers are called; must not be an event loop
   * @param limits how much may wait for each of them
   */
  public AccessPoints(ServiceRuntime services, Executor executor, AccessLimits limits) {}

  /**
   * Gives the messages of an access point to a handler, one at a time; a message is acknowledged
   * when the handler returns, and fails with {@link ErrorCode#SERVICE_CRASHED} if it throws.
   *
   * @throws IllegalStateException if the access point has a handler
   */
  public void handle(String accessPoint, Consumer<Message> handler) {}

  /**
   * Gives the messages of an access point to the peer itself, on the thread that brought them, with
   * the duty to answer for them: reply points of calls, sessions of clients.
   *
   * @return what ends it
   * @throws IllegalStateException if the access point has one
   */
  public Runnable receive(String accessPoint, Consumer<Incoming> receiver) {
    return () -> {};
  }

  /** See {@link dev.p2pkit.sdk.Network#stream}. */
  public Flow.Publisher<Message> stream(String accessPoint) {
    return subscriber -> {};
  }

  /** Whether anybody receives there. */
  public boolean has(String accessPoint) {
    return false;
  }

  /**
   * Brings a message to everybody at its access point. Fails it with {@link
   * ErrorCode#NO_SUCH_ACCESS_POINT} if there is nobody, and with {@link ErrorCode#SLOW_CONSUMER} if
   * the buffer of a subscriber is full, which is then ended with that code.
   */
  public void deliver(Incoming incoming) {
    incoming.fail(ErrorCode.NO_SUCH_ACCESS_POINT, "not there yet");
  }

  /** Ends all streams with {@link ErrorCode#CLOSED}; what waits for a handler fails with it. */
  @Override
  public void close() {}
}
