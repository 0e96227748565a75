// One client's link on the proxy peer: the driver of a GatewaySession.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Call;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Opened;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Show;
import dev.p2pkit.client.session.SessionMessage.Spread;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.client.session.SessionResult;
import dev.p2pkit.client.ticket.CallerProof;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.peer.rights.SessionRights;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Network;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** One client: its rights, its session, its uploads. Thread-safe. */
final class AttachedClient {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ClientLink link;
  private final Set<Right> rights;
  private final Gateway.Shared shared;
  private final BiConsumer<AttachedClient, Key> opened;
  private final Uploads uploads;
  private final SessionRights callRights;
  private final LockedSession session;
  private final ClientRequests requests;
  private final ClientFeeds feeds;

  AttachedClient(
      ClientLink link,
      Set<Right> rights,
      Gateway.Shared shared,
      BiConsumer<AttachedClient, Key> opened) {
    this.link = link;
    this.rights = rights;
    this.shared = shared;
    this.uploads = new Uploads(shared.uploads(), shared.config().uploads());
    this.opened = opened;
    this.callRights = new SessionRights(shared.clock());
    Network network = shared.operations().network(callRights);
    this.session = new LockedSession(link);
    this.requests = new ClientRequests(shared.operations(), network);
    this.feeds = new ClientFeeds(session, network);
  }

  private static long now() {
    return System.nanoTime() / 1_000;
  }

  Optional<Key> session() {
    return session.id();
  }

  void onMessage(SessionMessage message) {
    if (message instanceof Open open) {
      open(open);
    } else if (session().isEmpty()) {
      end(ErrorCode.PROTOCOL_ERROR, "a client begins by opening a session");
    } else if (message instanceof Call call) {
      request(call.id(), Set.of(Right.USE), () -> requests.call(call));
    } else if (message instanceof Credit credit) {
      complain(session.with(known -> known.onCredit(credit), Optional.empty()));
    } else if (message instanceof Spread spread) {
      request(spread.id(), Set.of(Right.USE), () -> requests.spread(spread));
    } else if (message instanceof Query query) {
      request(query.id(), needed(query.question()), () -> requests.query(query));
    } else if (message instanceof Show show) {
      show(show);
    } else if (message instanceof Subscribe subscribe) {
      subscribe(subscribe);
    } else if (message instanceof Ended ended) {
      session.run(known -> known.onEnded(ended.subscription()));
    } else if (message instanceof Install install) {
      install(install);
    } else if (message instanceof Chunk chunk) {
      chunk(chunk);
    } else if (message instanceof Close close) {
      link.close(close.detail());
    } else {
      end(ErrorCode.PROTOCOL_ERROR, "a client does not send " + message.getClass().getSimpleName());
    }
  }

  private void open(Open open) {
    if (open.version() != SessionCodec.VERSION) {
      end(
          ErrorCode.VERSION_SKEW,
          "the client speaks version "
              + open.version()
              + " of the session protocol and this peer "
              + SessionCodec.VERSION
              + "; use the same release on both sides");
      return;
    }
    if (open.resume().isPresent()) {
      // Sessions end with their link; one that survives it will be looked for here.
      end(ErrorCode.SESSION_EXPIRED, "the session is not known any more; open a new one");
      return;
    }
    Key id = new Key(RANDOM.nextLong(), RANDOM.nextLong());
    Key token = new Key(RANDOM.nextLong(), RANDOM.nextLong());
    if (!session.open(id, shared.config())) {
      return;
    }
    opened.accept(this, id);
    Opened welcome = new Opened(id, token, shared.identity().id(), shared.config().largestBody());
    session.answer(welcome, 0);
  }

  private static Set<Right> needed(Question question) {
    return switch (question) {
      case INFO, RING -> Set.of(Right.OBSERVE);
      case SERVICES, SERVICE -> Set.of(Right.USE, Right.OBSERVE, Right.INSTALL);
      case RECORD, HISTORY -> Set.of(Right.USE, Right.INSTALL);
    };
  }

  /** Carries a request out if the client has one of these rights. */
  private void request(
      long id, Set<Right> anyOf, Supplier<CompletableFuture<SessionResult>> start) {
    if (isRefused(id, anyOf)) {
      return;
    }
    answerWith(id, started(start));
  }

  /** What a call that throws at once comes to. */
  private static CompletableFuture<SessionResult> started(
      Supplier<CompletableFuture<SessionResult>> start) {
    try {
      return start.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(KitException.from(e));
    }
  }

  /** Answers if the request may not go on; else it is counted as open. */
  private boolean isRefused(long id, Set<Right> anyOf) {
    if (anyOf.stream().noneMatch(rights::contains)) {
      session.fail(id, ErrorCode.UNAUTHORISED, missing(anyOf));
      shared.operations().unauthorised();
      return true;
    }
    if (!session.with(GatewaySession::requestOpened, false)) {
      session.fail(
          id, ErrorCode.BUSY, "the client has too many open requests; wait for some to end");
      return true;
    }
    return false;
  }

  private static String missing(Set<Right> anyOf) {
    return "the client's ticket does not give the right to "
        + String.join(" or ", anyOf.stream().map(Right::name).sorted().toList())
        + "; ask for a ticket that does";
  }

  private void answerWith(long id, CompletableFuture<SessionResult> outcome) {
    var unused =
        outcome.whenComplete(
            (result, thrown) -> {
              session.run(GatewaySession::requestClosed);
              if (thrown == null) {
                for (Answers.Sized part : Answers.of(id, result, shared.config().largestBody())) {
                  session.answer(part.message(), part.bytes());
                }
              } else {
                KitException reason = KitException.from(thrown);
                session.fail(id, reason.code(), reason.detail());
              }
            });
  }

  /** On the executor: signatures are checked. Calls that come meanwhile have no right yet. */
  private void show(Show show) {
    if (isRefused(show.id(), Set.of(Right.USE))) {
      return;
    }
    CompletableFuture<SessionResult> checked = new CompletableFuture<>();
    answerWith(show.id(), checked);
    shared
        .executor()
        .execute(
            () -> {
              try {
                check(show);
                checked.complete(new SessionResult.Nothing());
              } catch (WireException e) {
                checked.completeExceptionally(
                    new KitException(
                        ErrorCode.BAD_TICKET, "the proof cannot be read: " + e.getMessage(), e));
              } catch (RuntimeException e) {
                checked.completeExceptionally(e);
              }
            });
  }

  private void check(Show show) {
    CallerProof proof = CallerProof.decode(show.proof());
    callRights.show(
        proof,
        shared.operations().find(proof.name(), proof.instance(), proof.owner()),
        session().orElseThrow(),
        shared.identity().id());
  }

  private void subscribe(Subscribe subscribe) {
    boolean proxy = subscribe.feed() == Feed.PROXY;
    if (isRefused(subscribe.id(), Set.of(proxy ? Right.USE : Right.OBSERVE))) {
      return;
    }
    session.run(GatewaySession::requestClosed);
    feeds.subscribe(subscribe);
  }

  private void install(Install install) {
    Set<Right> needed = Set.of(Right.INSTALL);
    if (!rights.contains(Right.INSTALL)) {
      shared.operations().installUnauthorised(install.signedRecord(), missing(needed));
    }
    if (isRefused(install.id(), needed)) {
      return;
    }
    if (install.size() == 0) {
      answerWith(
          install.id(),
          started(
              () -> {
                Incoming.flaw(install)
                    .ifPresent(
                        flaw -> {
                          throw flaw;
                        });
                return shared
                    .operations()
                    .control(
                        install.signedRecord(), ClientRequests.deadline(install.remainingMicros()))
                    .thenApply(SessionResult.Updated::new);
              }));
      return;
    }
    // An upload is not a call yet; it counts against a bound of its own.
    session.run(GatewaySession::requestClosed);
    session.answer(uploads.begin(now(), install), 0);
  }

  private void chunk(Chunk chunk) {
    uploads
        .take(chunk, upload -> shared.executor().execute(() -> finish(upload)))
        .ifPresent(answer -> session.answer(answer, 0));
  }

  private void finish(Incoming upload) {
    Optional<Archive> archive = upload.archive();
    uploads.finished();
    long id = upload.install().id();
    if (archive.isEmpty()) {
      session.fail(
          id,
          ErrorCode.BAD_ARCHIVE,
          "the archive that came is not the one that was announced; its SHA-256 differs");
      return;
    }
    Duration left = ClientRequests.deadline(upload.deadlineAt() - now());
    if (session.with(GatewaySession::requestOpened, false)) {
      answerWith(
          id,
          started(
              () ->
                  shared
                      .operations()
                      .install(upload.install().signedRecord(), archive.get(), left)
                      .thenApply(SessionResult.Updated::new)));
    } else {
      session.fail(
          id, ErrorCode.BUSY, "the client has too many open requests; wait for some to end");
    }
  }

  void deliver(String accessPoint, Message message, DeliveryCallback callback) {
    boolean handed =
        session.with(
            known -> {
              known.deliver(now(), accessPoint, message, callback);
              return true;
            },
            false);
    if (!handed) {
      callback.failed(ErrorCode.SESSION_EXPIRED, "the client has gone");
    }
  }

  void tick() {
    long now = now();
    session.run(known -> known.onTick(now));
    uploads.expire(now).forEach(answer -> session.answer(answer, 0));
  }

  /** Ends the session; the client is told. */
  void end(ErrorCode code, String detail) {
    session.end(code, detail);
  }

  /** The link is gone: everything that waits ends. */
  void down() {
    session.down();
    uploads.close();
    session.run(GatewaySession::close);
  }

  private void complain(Optional<String> complaint) {
    complaint.ifPresent(what -> end(ErrorCode.PROTOCOL_ERROR, what));
  }
}
