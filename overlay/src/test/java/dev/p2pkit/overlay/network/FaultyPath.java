// A relay for TCP on which bytes are late, stall, queue up and stop.
package dev.p2pkit.overlay.network;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a listener: who dials the relay talks to the listener, in this weather. It works
 * where the kernel has no means to delay or to lose, and it loses as TCP shows it to programs: as a
 * stall of the whole connection. A path that is cut swallows what is sent without a reset; what was
 * under way arrives when it is mended. Everything happens on one event loop.
 */
final class FaultyPath implements AutoCloseable {
  /** As much as may be under way in one direction; then the sender has to wait. */
  private static final int WINDOW = 1 << 20;

  private final Vertx vertx;
  private final io.vertx.core.Context loop;
  private final Weather weather;
  private final SplittableRandom random;
  private final Set<String> cut = new HashSet<>();
  private final List<Direction> directions = new ArrayList<>();
  private final String host;
  private final int port;
  private final String target;
  private final int targetPort;
  private @Nullable NetServer server;
  private @Nullable NetClient client;

  /**
   * A relay that does not listen yet.
   *
   * @param port 0 for any
   * @param seed of the weather's randomness
   */
  FaultyPath(
      Vertx vertx,
      String host,
      int port,
      String target,
      int targetPort,
      Weather weather,
      long seed) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.weather = weather;
    this.host = host;
    this.port = port;
    this.target = target;
    this.targetPort = targetPort;
    random = new SplittableRandom(seed);
  }

  /** Listens; the port. */
  int open() {
    return onLoop(
            () -> {
              NetClient dialler = vertx.createNetClient();
              NetServer listener =
                  vertx.createNetServer().connectHandler(near -> accept(dialler, near));
              client = dialler;
              server = listener;
              return listener.listen(port, host).map(NetServer::actualPort);
            })
        .join();
  }

  private void accept(NetClient dialler, NetSocket near) {
    String from = near.remoteAddress().host();
    near.pause();
    dialler
        .connect(targetPort, target)
        .onSuccess(
            far -> {
              Direction in = new Direction(from, near, far);
              Direction out = new Direction(from, far, near);
              directions.add(in);
              directions.add(out);
              near.resume();
            })
        .onFailure(refused -> near.close());
  }

  /** From now on nothing passes between the listener and this address. */
  void cut(String from) {
    var unused =
        onLoop(
            () -> {
              cut.add(from);
              return Future.succeededFuture();
            });
  }

  /** Takes every {@link #cut} back. */
  void mend() {
    var unused =
        onLoop(
            () -> {
              cut.clear();
              List.copyOf(directions).forEach(Direction::release);
              return Future.succeededFuture();
            });
  }

  private <T> CompletableFuture<T> onLoop(java.util.function.Supplier<Future<T>> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(
        ignored ->
            action
                .get()
                .onComplete(
                    result -> {
                      if (result.succeeded()) {
                        done.complete(result.result());
                      } else {
                        done.completeExceptionally(result.cause());
                      }
                    }));
    return done;
  }

  @Override
  public void close() {
    onLoop(
            () -> {
              NetServer listener = server;
              NetClient dialler = client;
              return listener == null || dialler == null
                  ? Future.succeededFuture()
                  : listener.close().compose(done -> dialler.close());
            })
        .join();
  }

  /** One way of one connection. */
  private final class Direction {
    private record Chunk(Buffer bytes, double at) {}

    private final String from;
    private final NetSocket source;
    private final NetSocket sink;
    private final ArrayDeque<Chunk> underWay = new ArrayDeque<>();
    private int bytesUnderWay;
    private double last;
    private boolean ended;
    private boolean waiting;

    Direction(String from, NetSocket source, NetSocket sink) {
      this.from = from;
      this.source = source;
      this.sink = sink;
      source.handler(this::taken);
      source.exceptionHandler(broken -> {});
      source.closeHandler(
          closed -> {
            ended = true;
            release();
          });
    }

    private double now() {
      return System.nanoTime() / 1e6;
    }

    private void taken(Buffer bytes) {
      double passing = bytes.length() * 1_000.0 / weather.bytesPerSecond();
      // In order: what comes behind a late byte is late too.
      last = Math.max(last, now() + weather.millis(random, bytes.length())) + passing;
      underWay.add(new Chunk(bytes, last));
      bytesUnderWay += bytes.length();
      if (bytesUnderWay > WINDOW) {
        source.pause();
      }
      wakeForNext();
    }

    /** One timer at a time; it may fire a moment too early. */
    private void wakeForNext() {
      if (!waiting && !underWay.isEmpty()) {
        waiting = true;
        double in = underWay.peek().at() - now();
        vertx.setTimer(
            Math.max(1, (long) Math.ceil(in)),
            ignored -> {
              waiting = false;
              release();
            });
      }
    }

    /** Lets go what is due. */
    private void release() {
      if (cut.contains(from)) {
        return;
      }
      while (!underWay.isEmpty() && underWay.peek().at() <= now()) {
        Buffer bytes = underWay.remove().bytes();
        bytesUnderWay -= bytes.length();
        var unused = sink.write(bytes);
      }
      wakeForNext();
      if (bytesUnderWay <= WINDOW && !ended) {
        source.resume();
      }
      if (ended && underWay.isEmpty()) {
        directions.remove(this);
        var unused = sink.close();
      }
    }
  }
}
