// How many small messages a second one link carries. Run by hand; no test.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Two transports in one process; one sends requests, the other answers each. */
final class LinkBench {
  private static final int IN_FLIGHT = 1024;

  private LinkBench() {}

  private record Side(AtomicReference<Transport> transport, Semaphore answered)
      implements TransportListener {
    Side() {
      this(new AtomicReference<>(), new Semaphore(0));
    }

    @Override
    public void onMessage(PeerRef from, WireMessage message) {
      Note note = (Note) message;
      if (note.number() >= 0) {
        transport.get().send(from, new Note(Channel.REQUEST, -1, note.padding()));
      } else {
        answered.release();
      }
    }

    @Override
    public void onLink(PeerRef peer, LinkEvent event) {
      System.out.println(peer + " " + event);
    }
  }

  /** Arguments: payload bytes, seconds, {@code tls} or {@code plain}. */
  public static void main(String[] arguments) throws Exception {
    int payload = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    boolean tls = arguments.length < 3 || arguments[2].equals("tls");
    Vertx vertx = Vertx.vertx(Transport.vertxOptions());
    TransportConfig config = TransportConfig.defaults().withTls(tls);
    Side client = new Side();
    Side server = new Side();
    for (Side side : List.of(client, server)) {
      side.transport.set(
          new Transport(vertx, Identity.ephemeral(), 1, config, List.of(Note.CODEC), side));
      side.transport.get().listen().get(10, SECONDS);
    }
    PeerRef to = server.transport.get().self();
    client.transport.get().connect(to.endpoint(), Optional.of(to.id())).get(10, SECONDS);
    client.answered.release(IN_FLIGHT);
    long sent = 0;
    for (int second = 0; second < seconds; second++) {
      long start = System.nanoTime();
      long before = sent;
      while (System.nanoTime() - start < 1_000_000_000L) {
        client.answered.acquire(16);
        for (int i = 0; i < 16; i++) {
          client.transport.get().send(to, new Note(Channel.REQUEST, sent++, payload));
        }
      }
      System.out.println((sent - before) + " requests/s");
    }
    client.transport.get().close().get(10, SECONDS);
    server.transport.get().close().get(10, SECONDS);
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }
}
