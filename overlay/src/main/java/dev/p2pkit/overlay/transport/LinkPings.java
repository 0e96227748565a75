// Asks the other side of a link again and again whether it is still there.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.transport.LinkFrame.Ping;
import dev.p2pkit.overlay.transport.LinkFrame.Pong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pings of one link, at intervals and on demand, and what follows from no answer. On the
 * socket's event loop only, but for {@link #roundTripNanos}.
 */
final class LinkPings {
  private final LinkSetup setup;
  private final Consumer<LinkFrame> send;
  private final Runnable silent;
  private final PingClock clock;
  private @Nullable Runnable onAlive;
  private boolean asking;
  private final Runnable tick = this::tick;

  /**
   * Asks nothing yet.
   *
   * @param send queues a frame
   * @param silent called when the other side no longer answers
   */
  LinkPings(LinkSetup setup, Consumer<LinkFrame> send, Runnable silent) {
    this.setup = setup;
    this.send = send;
    this.silent = silent;
    this.clock = new PingClock(setup.config().times());
  }

  /** From now on the other side has to answer. */
  void start() {
    asking = true;
    clock.start(System.nanoTime());
    setup.beat().add(tick);
  }

  /** From now on its silence means nothing. */
  void stop() {
    asking = false;
    setup.beat().remove(tick);
  }

  private void tick() {
    long now = System.nanoTime();
    if (!asking) {
      return;
    }
    if (clock.expired(now)) {
      silent.run();
    } else {
      send.accept(new Ping(clock.sent(now)));
    }
  }

  /** Asks at once; without effect before the start and after the end. */
  void probe(Runnable alive) {
    if (!asking) {
      return;
    }
    long token = clock.sent(System.nanoTime());
    onAlive = alive;
    send.accept(new Ping(token));
    setup
        .vertx()
        .setTimer(
            setup.config().times().dial().toMillis() / 3 + 1,
            ignored -> {
              if (asking && !clock.isAnswered(token)) {
                silent.run();
              }
            });
  }

  /** The other side has answered. */
  void answered(Pong pong) {
    clock.answered(pong.token(), System.nanoTime());
    Runnable alive = onAlive;
    if (alive != null) {
      onAlive = null;
      alive.run();
    }
  }

  /** The last round trip; 0 before the first. Any thread. */
  long roundTripNanos() {
    return clock.roundTripNanos();
  }
}
