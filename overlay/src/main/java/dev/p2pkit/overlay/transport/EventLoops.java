// The event loops over which the links of one transport are spread.
package dev.p2pkit.overlay.transport;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Contexts on different event loops, given out in turn. */
final class EventLoops {
  private static final int MOST = 8;

  private final List<Context> contexts;
  private final AtomicInteger turn = new AtomicInteger();

  EventLoops(Vertx vertx) {
    int count = Math.max(1, Math.min(MOST, Runtime.getRuntime().availableProcessors()));
    contexts =
        IntStream.range(0, count)
            .<Context>mapToObj(i -> ((VertxInternal) vertx).createEventLoopContext())
            .toList();
  }

  List<Context> all() {
    return contexts;
  }

  Context next() {
    return contexts.get(Math.floorMod(turn.getAndIncrement(), contexts.size()));
  }
}
