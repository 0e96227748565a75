// Keeps a client attached: the present session, and the way to the next one.
package dev.p2pkit.client;

import dev.p2pkit.client.session.Outcome;
import dev.p2pkit.client.session.SessionMessage.Show;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.SendOptions;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a client attached. When a session is lost it tries the tickets again and again, and moves
 * the streams and proxies to the new session. Thread-safe.
 */
final class Lifeline {
  private static final Logger LOG = LoggerFactory.getLogger(Lifeline.class);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /** How many service tickets a client shows to each proxy peer; older ones are left out. */
  private static final int MOST_SHOWN = 64;

  private final List<String> tickets;
  private final ClientOptions options;
  private final Random random;
  private final Identity identity = Identity.ephemeral();
  private final Vertx vertx;
  private final CallbackThreads ownThreads;
  private final Executor executor;
  private final Object lock = new Object();
  // Guarded by lock.
  private final Set<Feedline<?>> feedlines = new LinkedHashSet<>();
  private final Set<ServiceTicket> shown = new LinkedHashSet<>();
  private @Nullable Attachment last;
  private boolean closed;

  Lifeline(List<String> tickets, ClientOptions options) {
    this.tickets = tickets;
    this.options = options;
    this.random =
        // Random gives much the same first numbers for small seeds.
        options.seed().isPresent()
            ? new Random(new SplittableRandom(options.seed().getAsLong()).nextLong())
            : new Random();
    this.ownThreads = new CallbackThreads();
    this.executor = options.executor().orElse(ownThreads);
    // One event loop is enough for one link.
    this.vertx =
        options
            .vertx()
            .orElseGet(
                () ->
                    Vertx.vertx(
                        Transport.vertxOptions()
                            .setEventLoopPoolSize(1)
                            .setWorkerPoolSize(1)
                            .setInternalBlockingPoolSize(1)));
  }

  Executor executor() {
    return executor;
  }

  private void event(NetworkEvent event) {
    List<Feedline<?>> all;
    synchronized (lock) {
      all = List.copyOf(feedlines);
    }
    all.forEach(line -> line.own(event));
  }

  /** Attaches for the first time; frees everything if that fails. */
  CompletableFuture<Lifeline> start() {
    CompletableFuture<Lifeline> started = new CompletableFuture<>();
    var unused =
        round()
            .whenComplete(
                (attachment, thrown) ->
                    executor.execute(
                        () -> {
                          if (thrown == null && adopt(attachment)) {
                            started.complete(this);
                          } else {
                            close();
                            started.completeExceptionally(
                                thrown == null
                                    ? new KitException(
                                        ErrorCode.NO_ROUTE, "the proxy peer was lost at once")
                                    : KitException.from(thrown));
                          }
                        }));
    return started;
  }

  private CompletableFuture<Attachment> round() {
    return new TicketRound(
            vertx,
            identity,
            options,
            random,
            tickets,
            () ->
                new Attachment(
                    vertx,
                    options,
                    // Called with the session's lock held, so it goes elsewhere.
                    event -> executor.execute(() -> event(event)),
                    this::onLost))
        .run();
  }

  /** Takes a session into use; false if it, or this client, has ended meanwhile. */
  private boolean adopt(Attachment attachment) {
    List<Feedline<?>> all;
    boolean alive;
    synchronized (lock) {
      // What ends from here on comes to onLost, because it is the last one.
      alive = !closed && attachment.end().isEmpty();
      if (alive) {
        last = attachment;
      }
      all = List.copyOf(feedlines);
    }
    if (alive) {
      all.forEach(line -> line.attach(attachment));
    } else {
      attachment.close("the client is closed");
    }
    return alive;
  }

  private void onLost(Attachment attachment) {
    boolean again;
    synchronized (lock) {
      if (closed || last != attachment) {
        return;
      }
      again = options.reattach();
    }
    String reason = attachment.end().map(KitException::detail).orElse("");
    LOG.info("lost proxy peer {}: {}", attachment.peer().shortText(), reason);
    event(new NetworkEvent.Disconnected(attachment.peer(), reason));
    if (again) {
      reattachAfter(FIRST_PAUSE_MILLIS);
    } else {
      endFeedlines("the proxy peer was lost: " + reason);
    }
  }

  // A session that outlives its proxy peer will be resumed here, under its old id.
  private void reattachAfter(long pauseMillis) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      // Up to a quarter more, so that many clients of a lost peer do not come at once.
      long jitter = (long) (random.nextDouble() * pauseMillis / 4);
      vertx.setTimer(
          pauseMillis + jitter,
          timer -> {
            var unused =
                round()
                    .thenCompose(this::showAll)
                    .whenComplete(
                        (attachment, thrown) ->
                            executor.execute(
                                () -> {
                                  if (thrown != null) {
                                    LOG.debug("no proxy peer yet: {}", thrown.toString());
                                    reattachAfter(Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS));
                                  } else if (adopt(attachment)) {
                                    event(new NetworkEvent.Connected(attachment.peer()));
                                  } else {
                                    reattachAfter(FIRST_PAUSE_MILLIS);
                                  }
                                }));
          });
    }
  }

  /** The present session, or the last one. */
  Attachment last() {
    synchronized (lock) {
      if (last == null) {
        throw new IllegalStateException("there is no client before the first session");
      }
      return last;
    }
  }

  /** Shows a ticket to the present proxy peer, and to each later one. */
  CompletableFuture<Void> show(ServiceTicket ticket) {
    CompletableFuture<List<SessionResult>> result = new CompletableFuture<>();
    synchronized (lock) {
      shown.add(ticket);
      if (shown.size() > MOST_SHOWN) {
        shown.remove(shown.iterator().next());
      }
    }
    ready(result).ifPresent(attachment -> show(attachment, ticket, into(result)));
    return result
        .whenComplete(
            (done, thrown) -> {
              if (thrown != null) {
                synchronized (lock) {
                  shown.remove(ticket);
                }
              }
            })
        .thenAccept(done -> {});
  }

  private static void show(Attachment at, ServiceTicket ticket, Consumer<Outcome> whenDone) {
    byte[] proof = ticket.prove(at.session(), at.peer()).encoded();
    at.request(
        SendOptions.DEFAULT.deadline(),
        false,
        (id, remaining) -> new Show(id, remaining, proof),
        whenDone);
  }

  /** Shows all tickets to a new proxy peer, before any call can go out to it. */
  private CompletableFuture<Attachment> showAll(Attachment at) {
    List<ServiceTicket> tickets;
    synchronized (lock) {
      tickets = List.copyOf(shown);
    }
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (ServiceTicket ticket : tickets) {
      CompletableFuture<Void> one = new CompletableFuture<>();
      done.add(one);
      show(
          at,
          ticket,
          outcome -> {
            if (outcome instanceof Outcome.Failed failed) {
              // Calls will say so, too: each of them gets UNAUTHORISED.
              LOG.info("{} is not taken by {}: {}", ticket, at.peer(), failed.detail());
            }
            one.complete(null);
          });
    }
    return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).thenApply(all -> at);
  }

  /** Makes a request; the stage completes on the executor. */
  CompletableFuture<List<SessionResult>> request(
      Duration deadline, boolean changes, RequestMaker message) {
    CompletableFuture<List<SessionResult>> result = new CompletableFuture<>();
    ready(result)
        .ifPresent(attachment -> attachment.request(deadline, changes, message, into(result)));
    return result;
  }

  /** Installs; the stage completes on the executor. */
  CompletableFuture<List<SessionResult>> install(
      Duration deadline, byte[] record, Archive archive) {
    CompletableFuture<List<SessionResult>> result = new CompletableFuture<>();
    ready(result)
        .ifPresent(attachment -> attachment.install(deadline, record, archive, into(result)));
    return result;
  }

  private Consumer<Outcome> into(CompletableFuture<List<SessionResult>> result) {
    return outcome ->
        executor.execute(
            () -> {
              if (outcome instanceof Outcome.Answered answered) {
                result.complete(answered.parts());
              } else if (outcome instanceof Outcome.Failed failed) {
                result.completeExceptionally(new KitException(failed.code(), failed.detail()));
              }
            });
  }

  private Optional<Attachment> ready(CompletableFuture<?> result) {
    synchronized (lock) {
      if (!closed && last != null && last.end().isEmpty()) {
        return Optional.of(last);
      }
      result.completeExceptionally(
          !closed && options.reattach()
              ? new KitException(
                  ErrorCode.NOT_READY,
                  "the proxy peer was lost and another one is sought; try again a little later")
              : new KitException(ErrorCode.CLOSED, "this client is closed"));
      return Optional.empty();
    }
  }

  /** Attaches a line now, and to each later session. */
  void add(Feedline<?> line) {
    Attachment now;
    synchronized (lock) {
      if (closed) {
        now = null;
      } else {
        feedlines.add(line);
        now = last;
      }
    }
    if (now == null) {
      line.end(Optional.of(new KitException(ErrorCode.CLOSED, "this client is closed")));
    } else if (now.end().isEmpty()) {
      line.attach(now);
    } else if (!options.reattach()) {
      endFeedlines("the proxy peer was lost");
    }
  }

  void remove(Feedline<?> line) {
    synchronized (lock) {
      feedlines.remove(line);
    }
  }

  private void endFeedlines(String reason) {
    List<Feedline<?>> all;
    synchronized (lock) {
      all = List.copyOf(feedlines);
      feedlines.clear();
    }
    all.forEach(line -> line.end(Optional.of(new KitException(ErrorCode.CLOSED, reason))));
  }

  Duration subscribeDeadline() {
    return SendOptions.DEFAULT.deadline();
  }

  int openCalls() {
    return last().openCalls();
  }

  long strays() {
    return last().strays();
  }

  void close() {
    Attachment present;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      present = last;
    }
    endFeedlines("this client is closed");
    if (present == null) {
      free();
    } else {
      present.close("the client was closed");
      var unused = present.closed().whenComplete((done, thrown) -> free());
    }
  }

  private void free() {
    ownThreads.close();
    if (options.vertx().isEmpty()) {
      var unused = vertx.close();
    }
  }
}
