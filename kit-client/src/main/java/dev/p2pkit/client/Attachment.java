// One session on one link: the driver of a ClientSession.
package dev.p2pkit.client;

import dev.p2pkit.client.session.ClientSession;
import dev.p2pkit.client.session.Outcome;
import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Opened;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.ClientConnection;
import dev.p2pkit.overlay.transport.ClientConnectionListener;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session on one link. Calls may come from any thread; the machine inside is used under a lock,
 * in the order in which calls and messages come.
 */
final class Attachment implements ClientConnectionListener {
  private static final long TICK_MILLIS = 20;

  private final Vertx vertx;
  private final Consumer<Attachment> lost;
  private final CompletableFuture<Attachment> opened = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final Object lock = new Object();
  private final ClientSession machine;
  // Set once under the lock, before opened completes.
  private @Nullable ClientConnection connection;
  private @Nullable Opened greeting;
  // Written under the lock; read without it by those who hold locks of their own.
  private volatile @Nullable KitException end;
  private long ticker = -1;

  /**
   * An attachment that has no link yet.
   *
   * @param lost called once if the session was open and has ended
   */
  Attachment(
      Vertx vertx,
      ClientOptions options,
      Consumer<NetworkEvent> events,
      Consumer<Attachment> lost) {
    this.vertx = vertx;
    this.lost = lost;
    this.machine =
        new ClientSession(this::transmit, options.window(), options.mostOpenCalls(), events);
  }

  private static long now() {
    return System.nanoTime() / 1_000;
  }

  /** Takes the link and asks for a session; completes on an event loop. */
  CompletableFuture<Attachment> open(ClientConnection link) {
    boolean dead;
    synchronized (lock) {
      connection = link;
      dead = end != null;
    }
    if (dead) {
      // Given up while the link was being opened.
      var unused = link.close();
      return opened;
    }
    // A session that outlives its proxy peer will put its token here.
    if (!link.send(new Open(SessionCodec.VERSION, Optional.empty())).accepted()) {
      onDown(ErrorCode.CLOSED, "the link closed before the session was open");
    }
    return opened;
  }

  private boolean transmit(SessionMessage message) {
    ClientConnection link = connection;
    return link != null && link.send(message).accepted();
  }

  @Override
  public void onMessage(WireMessage message) {
    Optional<String> complaint = Optional.empty();
    if (message instanceof Opened welcome) {
      synchronized (lock) {
        if (greeting != null || end != null) {
          return;
        }
        greeting = welcome;
        ticker = vertx.setPeriodic(TICK_MILLIS, timer -> tick());
      }
      opened.complete(this);
    } else if (message instanceof Close close) {
      onDown(close.code(), close.detail());
    } else if (message instanceof SessionMessage session) {
      synchronized (lock) {
        complaint =
            greeting == null
                ? Optional.of("a session's message came before the session was open")
                : machine.onMessage(session);
      }
    }
    complaint.ifPresent(what -> onDown(ErrorCode.PROTOCOL_ERROR, what));
  }

  private void tick() {
    synchronized (lock) {
      machine.onTick(now());
    }
  }

  @Override
  public void onDown(ErrorCode code, String detail) {
    end(code, detail);
  }

  private void end(ErrorCode code, String detail) {
    boolean wasOpen;
    ClientConnection link;
    synchronized (lock) {
      if (end != null) {
        return;
      }
      end = new KitException(code, detail);
      wasOpen = greeting != null;
      link = connection;
      machine.close("the session with the proxy peer ended (" + detail + ")");
      if (ticker >= 0) {
        vertx.cancelTimer(ticker);
      }
    }
    if (link == null) {
      closed.complete(null);
    } else {
      var unused = link.close().whenComplete((done, thrown) -> closed.complete(null));
    }
    opened.completeExceptionally(new KitException(code, detail));
    if (wasOpen) {
      lost.accept(this);
    }
  }

  /** Ends the session; the peer is told. */
  void close(String reason) {
    synchronized (lock) {
      if (end == null) {
        transmit(new Close(ErrorCode.CLOSED, reason));
      }
    }
    end(ErrorCode.CLOSED, reason);
  }

  /** Completes when the session has ended and its link is closed. */
  CompletableFuture<Void> closed() {
    return closed;
  }

  void request(
      Duration deadline, boolean changes, RequestMaker message, Consumer<Outcome> whenDone) {
    long life = deadline.toNanos() / 1_000;
    synchronized (lock) {
      machine.request(now() + life, changes, id -> message.make(id, shortened(life)), whenDone);
    }
  }

  void install(Duration deadline, byte[] record, Archive archive, Consumer<Outcome> whenDone) {
    long life = deadline.toNanos() / 1_000;
    synchronized (lock) {
      machine.install(now() + life, shortened(life), record, archive, whenDone);
    }
  }

  /** The peer gets a little less time than the caller, so that its answer can still come back. */
  private static long shortened(long micros) {
    return Math.min(
        Math.max(1, micros - Math.min(micros / 5, 200_000)), SessionCodec.MAX_REMAINING_MICROS);
  }

  long subscribe(Feed feed, String accessPoint, Duration deadline, ClientSession.Sink sink) {
    synchronized (lock) {
      return machine.subscribe(now() + deadline.toNanos() / 1_000, feed, accessPoint, sink);
    }
  }

  void unsubscribe(long subscription) {
    synchronized (lock) {
      machine.unsubscribe(subscription);
    }
  }

  void consumed(long subscription, long count) {
    synchronized (lock) {
      machine.consumed(subscription, count);
    }
  }

  private Opened welcome() {
    synchronized (lock) {
      if (greeting == null) {
        throw new IllegalStateException("the session is not open yet");
      }
      return greeting;
    }
  }

  PeerId peer() {
    return welcome().peer();
  }

  Key session() {
    return welcome().session();
  }

  int largestBody() {
    return welcome().largestBody();
  }

  /** Why it ended; empty while it is alive. */
  Optional<KitException> end() {
    return Optional.ofNullable(end);
  }

  int openCalls() {
    synchronized (lock) {
      return machine.open();
    }
  }

  long strays() {
    synchronized (lock) {
      return machine.strays();
    }
  }
}
