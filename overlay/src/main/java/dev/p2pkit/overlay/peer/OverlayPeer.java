// One peer's overlay: transport, ring, data plane and whatever other machines its peer hosts.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.observer.ObserverCodec;
import dev.p2pkit.overlay.observer.ObserverMachine;
import dev.p2pkit.overlay.proof.OwnerProof;
import dev.p2pkit.overlay.proof.Proofs;
import dev.p2pkit.overlay.proof.ProvenSend;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.ring.RingMachine;
import dev.p2pkit.overlay.routing.Draft;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.routing.RoutingCodec;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * One peer's overlay. Host further machines first, then {@link #listen}, then {@link #create} or
 * {@link #join}. Thread-safe after that. Futures complete on the control thread or an event loop:
 * go elsewhere before doing anything that takes long.
 */
public final class OverlayPeer {
  /** How long a peer tries to join unless told otherwise. */
  public static final Duration JOIN_LIMIT = Duration.ofSeconds(15);

  /** The longest time that {@link #leave} takes unless its ring is configured otherwise. */
  public static final Duration LONGEST_LEAVE = Departure.longest(RingConfig.DEFAULT.leaveLimit());

  private final OverlayConfig config;
  private final OverlayListener listener;
  private final Vertx vertx;
  private final Identity identity;
  private final long incarnation;
  private final ControlLoop loop;
  private final RingMachine ring;
  private final ObserverMachine observers;
  private final DataPlane data;
  private final OwnerChecks checks;
  private final PendingJoin joining;
  private final RoutingCodec routingCodec = new RoutingCodec();
  private final List<WireCodec> clientCodecs = new ArrayList<>();
  private volatile RingView view;
  private volatile PeerRef self;
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final Awaited awaited = new Awaited();
  private final Links links = new Links();

  /**
   * An overlay that does nothing yet.
   *
   * @param incarnation milliseconds since 1970; grows with each start of the peer
   */
  public OverlayPeer(
      Vertx vertx,
      Identity identity,
      long incarnation,
      OverlayConfig config,
      OverlayListener listener) {
    this.vertx = vertx;
    this.identity = identity;
    this.incarnation = incarnation;
    this.config = config;
    this.listener = listener;
    // Until it listens, a peer has no endpoint; nothing is sent before that.
    self = new PeerRef(identity.id(), new Endpoint("0.0.0.0", 1), incarnation);
    view = RingView.outside(self);
    long seed = identity.id().position().low() ^ System.nanoTime();
    loop = new ControlLoop(identity.id().shortText(), seed, () -> self, links::send, links::close);
    data =
        new DataPlane(
            config.fittingRouter(),
            loop,
            () -> self,
            links::send,
            links::close,
            listener::deliver,
            listener::ownershipMode);
    joining = new PendingJoin(loop, awaited);
    RingNews news =
        new RingNews(loop, listener, links, data, joining, left, config.observer(), this::publish);
    ring =
        loop.host(
            RingMachine.codecs(),
            effects -> new RingMachine(config.ring(), effects, news, new IdentitySeals(identity)));
    observers =
        loop.host(
            List.of(new ObserverCodec()),
            effects ->
                new ObserverMachine(
                    effects, new ObserverNews(loop, listener, joining, this::publish)));
    checks = new OwnerChecks(loop, data, ring, identity, config.transport());
  }

  /**
   * Before {@link #listen}: hosts another machine on the control thread, with the frames of this
   * codec.
   */
  public <M extends Machine> M host(WireCodec codec, Function<Effects, M> make) {
    return loop.host(List.of(codec), make);
  }

  /** Before {@link #listen}: says how frames of clients are read. */
  public void clientCodec(WireCodec codec) {
    clientCodecs.add(codec);
  }

  /**
   * Binds the port. Fails with {@link ErrorCode#ADDRESS_IN_USE} and the like; then the overlay is
   * closed.
   */
  public CompletableFuture<PeerRef> listen() {
    List<WireCodec> codecs = new ArrayList<>(loop.codecs());
    codecs.add(routingCodec);
    codecs.addAll(clientCodecs);
    Transport opened =
        new Transport(
            vertx,
            identity,
            incarnation,
            config.transport(),
            codecs,
            new LinkNews(routingCodec, loop, data, ring, listener, this::view));
    links.opened(opened);
    return opened
        .listen()
        .thenApply(
            endpoint -> {
              self = new PeerRef(identity.id(), endpoint, incarnation);
              view = RingView.outside(self);
              loop.start();
              data.start();
              return self;
            });
  }

  /** Becomes the first peer of a ring; complete when it is one. After {@link #listen}. */
  public CompletableFuture<Void> create() {
    CompletableFuture<Void> done = joining.begin();
    loop.run(ring::create);
    return done;
  }

  /**
   * Joins through one of these peers, which have been met by {@link #meet}.
   *
   * <p>Fails with what the ring says: {@link ErrorCode#NO_ROUTE}, or {@link
   * ErrorCode#ADDRESS_IN_USE} if another process lives with this identity.
   */
  public CompletableFuture<Void> join(List<PeerRef> contacts) {
    CompletableFuture<Void> done = joining.begin();
    if (config.observer()) {
      loop.run(now -> observers.begin(now, contacts));
    } else {
      loop.run(now -> ring.join(now, contacts));
    }
    return done;
  }

  /**
   * Founds a ring or joins one, as told: entry points are tried in random order, again and again
   * until the limit.
   *
   * <p>Fails with {@link ErrorCode#NO_ROUTE} and the reason of each entry point, at the limit at
   * the latest; with {@link ErrorCode#NETWORK_MISMATCH}, {@link ErrorCode#UNAUTHORISED} or {@link
   * ErrorCode#VERSION_SKEW} as soon as all of them say so; with {@link ErrorCode#ADDRESS_IN_USE} if
   * another process lives with this identity.
   *
   * @param limit how long to try; {@link #JOIN_LIMIT} unless there is a reason
   */
  public CompletableFuture<Void> enter(List<EntryPoint> points, EntryMode mode, Duration limit) {
    return enter(points, mode, limit, new Random());
  }

  /**
   * As {@link #enter(List, EntryMode, Duration)}; where no entry point lets this peer in, those
   * that it remembers from an earlier life are tried before a ring is founded, and they are asked
   * for ever whether they belong to another ring.
   *
   * @param kept what {@link #remembered} gave to an earlier process of this peer
   */
  public CompletableFuture<Void> enter(
      List<EntryPoint> points, List<EntryPoint> kept, EntryMode mode, Duration limit) {
    List<PeerRef> refs = new ArrayList<>();
    for (EntryPoint point : kept) {
      point.expected().ifPresent(id -> refs.add(new PeerRef(id, point.endpoint(), 0)));
    }
    loop.run(now -> ring.remember(now, refs));
    return new Joining(this, points, kept, mode, limit, awaited.future(), new Random()).begin();
  }

  /** Has the ring ask those that it remembers at once; see {@link RingMachine#lookAround}. */
  public void lookAround() {
    loop.run(ring::lookAround);
  }

  /** Whom to write down, so that a later process of this peer finds its ring again. */
  public CompletableFuture<List<EntryPoint>> remembered() {
    CompletableFuture<List<EntryPoint>> known = awaited.future();
    loop.run(
        now ->
            known.complete(
                ring.remembered().stream()
                    .map(ref -> new EntryPoint(ref.endpoint(), Optional.of(ref.id())))
                    .toList()));
    return known;
  }

  /** As {@link #enter(List, EntryMode, Duration)}, in an order that these numbers decide. */
  CompletableFuture<Void> enter(
      List<EntryPoint> points, EntryMode mode, Duration limit, Random random) {
    return new Joining(this, points, List.of(), mode, limit, awaited.future(), random).begin();
  }

  /** Runs a task on the control thread after a while. */
  void after(Duration pause, Runnable task) {
    loop.after(pause, task);
  }

  /** Dials an entry point and learns who is there. Fails as {@link Transport#connect}. */
  public CompletableFuture<PeerRef> meet(EntryPoint point) {
    return transport().connect(point.endpoint(), point.expected());
  }

  /** This peer; with its real endpoint once it listens. */
  public PeerRef self() {
    return self;
  }

  /** Whether this peer stays outside of the ring. */
  public boolean isObserver() {
    return config.observer();
  }

  /** The observers whose proxy this peer is. */
  public CompletableFuture<List<PeerId>> observers() {
    CompletableFuture<List<PeerId>> found = awaited.future();
    loop.run(now -> found.complete(observers.observers()));
    return found;
  }

  /** The ring as this peer sees it now. */
  public RingView view() {
    return view;
  }

  /** How careful the receivers at an access point of this peer are about having one owner. */
  public OwnershipMode ownershipMode(String accessPoint) {
    return listener.ownershipMode(accessPoint);
  }

  /** The time of the machines: microseconds, monotonic. */
  public long now() {
    return loop.now();
  }

  /**
   * Sends a message. Any thread may; nothing waits.
   *
   * @param whenDone called exactly once with what became of the message, a refusal ({@link
   *     ErrorCode#BUSY}, {@link ErrorCode#CLOSED}) as well; on this thread before the method
   *     returns or on a thread of the overlay, so it must not take long
   * @return the id of the call, for {@link #cancel} and {@link #reply}
   */
  public long open(Draft draft, Consumer<Outcome> whenDone) {
    return data.open(draft, whenDone);
  }

  /**
   * Sends a message by key to a peer that has shown to own the key, straight over its link.
   *
   * @param granted whether the owner's grantor must have attested it; see {@link Proofs#prove}
   */
  public void openProven(Draft draft, boolean granted, Consumer<Outcome> whenDone) {
    ProvenSend.open(checks, self.id(), draft, granted, whenDone);
  }

  /**
   * Has the owner of a key prove that it owns it. Fails with {@link ErrorCode#BAD_SIGNATURE} if a
   * wrong proof was shown and no right one, {@link ErrorCode#NOT_READY} if none was, {@link
   * ErrorCode#BUSY} if too many are asked for.
   *
   * @param limit how long to try
   */
  public CompletableFuture<OwnerProof> prove(Key key, boolean granted, Duration limit) {
    CompletableFuture<OwnerProof> done = awaited.future();
    checks.prove(key, granted, limit, done);
    return done;
  }

  /**
   * Answers a message that was delivered here, once. Any thread may; the answer is sent again by
   * itself where its sender asks for it.
   */
  public void complete(Inbound inbound, Outcome outcome) {
    data.complete(inbound, outcome);
  }

  /**
   * Says that a thread is stuck in {@link OverlayListener#deliver}, which has put the message where
   * it keeps its place: other messages go on on another thread. Without effect on other threads.
   */
  public void relieve(Thread stuck) {
    data.relieve(stuck);
  }

  /**
   * Gives an own open call up; it ends with {@link ErrorCode#CANCELLED}. Without effect if it has
   * ended.
   *
   * @param id what {@link #open} has returned
   */
  public void cancel(long id) {
    data.cancel(id);
  }

  /** Gives an own open call a reply that came by another way; false if that call has ended. */
  public boolean reply(long id, Outcome.Replied reply) {
    return data.reply(id, reply);
  }

  /**
   * Sends to every peer. Fails with {@link ErrorCode#BUSY}, {@link ErrorCode#MESSAGE_TOO_LARGE} or
   * {@link ErrorCode#CLOSED}.
   *
   * @param topic {@link RingMachine#TOPIC_APPLICATION} or another of its topics for machines of the
   *     overlay
   * @param payload at most 1,000,000 bytes; not to be written to afterwards
   * @param deadline when the report comes at the latest: who has not answered by then is named in
   *     it as missed
   */
  public CompletableFuture<BroadcastReport> broadcast(
      int topic, byte[] payload, Duration deadline) {
    CompletableFuture<BroadcastReport> report = awaited.future();
    loop.run(
        now -> {
          try {
            ring.broadcast(
                now,
                topic,
                payload,
                now + TimeUnit.NANOSECONDS.toMicros(deadline.toNanos()),
                report::complete);
          } catch (KitException e) {
            report.completeExceptionally(e);
          }
        });
    return report;
  }

  /** Runs an action on the control thread: the way to call a hosted machine. */
  public void run(LongConsumer action) {
    loop.run(action);
  }

  /** The links, for those who revoke trust. */
  public Transport transport() {
    return links.transport();
  }

  /** What was done so far. */
  public OverlayStatistics statistics() {
    return new OverlayStatistics(
        data.statistics(),
        loop.received.sum(),
        loop.sent.sum(),
        loop.dropped.sum(),
        transport().statistics(),
        ring.statistics(),
        checks.statistics());
  }

  /**
   * Leaves the ring in an orderly way: new calls end with {@link ErrorCode#CLOSED}, open ones and
   * messages that were accepted here are waited for, then the neighbours take over. Each step ends
   * within {@link RingConfig#leaveLimit}; {@link #close} follows.
   */
  public CompletableFuture<Void> leave() {
    return new Departure(loop, data, awaited, left, config.ring().leaveLimit())
        .begin(
            now -> {
              if (config.observer()) {
                observers.end();
                left.complete(null);
              } else {
                ring.leave(now);
              }
            });
  }

  /**
   * Ends open calls (with {@link ErrorCode#CLOSED} if they cannot have arrived, else as unknown),
   * closes all links and ends the threads of this overlay.
   */
  public CompletableFuture<Void> close() {
    // Others take a closed port for proof that this process serves nothing any more.
    CompletableFuture<Void> servesNothing = new CompletableFuture<>();
    boolean runs =
        loop.tryRun(
            now -> {
              try {
                ring.giveUp(now);
              } finally {
                servesNothing.complete(null);
              }
            });
    if (!runs) {
      servesNothing.complete(null);
    }
    data.close();
    awaited.end(() -> new KitException(ErrorCode.CLOSED, "this peer was closed"));
    CompletableFuture<Void> closed =
        links
            .opened()
            .map(present -> servesNothing.thenCompose(given -> present.close()))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    return closed.whenComplete(
        (done, failed) -> {
          loop.stop();
          data.stop();
        });
  }

  /** On the control thread. */
  private void publish(RingView next) {
    view = next;
    loop.view(next);
    loop.run(now -> listener.onView(next));
    loop.run(now -> data.view(next));
  }
}
