// Has a gateway try again what found no room, as long as it has clients.
package dev.p2pkit.peer;

import dev.p2pkit.peer.gateway.Gateway;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;

/**
 * Calls {@link Gateway#tick} while clients are attached, and not otherwise: a timer every few dozen
 * milliseconds costs an event loop more than the tick itself, since the loop spins for the last
 * half millisecond before each. Thread-safe.
 */
final class GatewayTicker {
  private static final long TICK_MILLIS = 50;
  private static final long NONE = -1;

  private final Vertx vertx;
  private final BooleanSupplier hasClients;
  private final Runnable tick;
  private long timer = NONE;
  private boolean closed;

  GatewayTicker(Vertx vertx, Gateway gateway) {
    this(vertx, gateway::hasClients, gateway::tick);
  }

  GatewayTicker(Vertx vertx, BooleanSupplier hasClients, Runnable tick) {
    this.vertx = vertx;
    this.hasClients = hasClients;
    this.tick = tick;
  }

  /** A client has come. */
  synchronized void wake() {
    if (timer == NONE && !closed) {
      timer = vertx.setPeriodic(TICK_MILLIS, ignored -> tick());
    }
  }

  private void tick() {
    tick.run();
    synchronized (this) {
      if (timer != NONE && !hasClients.getAsBoolean()) {
        vertx.cancelTimer(timer);
        timer = NONE;
      }
    }
  }

  /** Whether it ticks, for tests. */
  synchronized boolean isTicking() {
    return timer != NONE;
  }

  /** No ticks from now on. */
  synchronized void close() {
    closed = true;
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
