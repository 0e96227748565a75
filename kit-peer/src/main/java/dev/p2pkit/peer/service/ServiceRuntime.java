// The services of one peer: prepares, activates and removes them, and brings messages to them.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.MvStateStore;
import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs services. Every method may be called from any thread and returns at once; stages complete on
 * a thread of the runtime.
 */
public final class ServiceRuntime implements AutoCloseable {
  private static final long WATCH_MILLIS = 50;

  /** Turns of all services that end within this are written to the disk together. */
  private static final long COMMIT_WINDOW_NANOS = 5_000_000;

  private final PeerId self;
  private final Map<String, String> labels;
  private final Path directories;
  private final Function<Release, Network> networkForService;
  private final LoaderWatch loaders;
  private final Threads threads;
  private final Changer changer;
  private final Watchdog watchdog;
  private final DeadLetters deadLetters;
  private final Surroundings surroundings;
  private final Processors processors;
  private final Beginnings beginnings;
  private final Retrials retrials;

  /**
   * Starts the threads.
   *
   * @param config limits and times
   * @param self this peer
   * @param labels what its operator says of it
   * @param directories below which each service gets a directory of its own
   * @param networkForService the network as a service sees it; called once per install or upgrade
   * @param deliveries tells the threads that bring messages apart
   * @param events hears of installed, upgraded and reverted services, on a thread of the runtime
   * @param listener hears of each change of phase
   */
  public ServiceRuntime(
      RuntimeConfig config,
      PeerId self,
      Map<String, String> labels,
      Path directories,
      Function<Release, Network> networkForService,
      DeliveryThreads deliveries,
      Consumer<NetworkEvent> events,
      ServiceListener listener) {
    this(
        config,
        self,
        labels,
        directories,
        new StateFiles(directories.resolveSibling("state"), MvStateStore.UNLIMITED),
        networkForService,
        deliveries,
        events,
        listener);
  }

  /**
   * As above.
   *
   * @param files where the states of durable services are; by default in {@code state} beside the
   *     services' directories
   */
  public ServiceRuntime(
      RuntimeConfig config,
      PeerId self,
      Map<String, String> labels,
      Path directories,
      StateFiles files,
      Function<Release, Network> networkForService,
      DeliveryThreads deliveries,
      Consumer<NetworkEvent> events,
      ServiceListener listener) {
    this.self = self;
    this.labels = Map.copyOf(labels);
    this.directories = directories;
    this.networkForService = networkForService;
    this.threads = new Threads(config);
    this.loaders = new LoaderWatch(config.leakWarning(), threads::renew);
    this.processors = new Processors(loaders::renamed);
    this.changer = new Changer(threads.changers(), config.makeLimit());
    Committer committer = new Committer(COMMIT_WINDOW_NANOS);
    this.deadLetters =
        new DeadLetters(
            directories.resolveSibling("dead-letters"),
            config.deadLetters(),
            committer::execute,
            System::nanoTime);
    this.surroundings =
        new Surroundings(
            config,
            self,
            threads,
            loaders,
            changer,
            new Ledger(deadLetters),
            files,
            committer,
            new Probations(directories.resolveSibling("probation"), config),
            this::load,
            deliveries,
            events,
            listener);
    this.beginnings = new Beginnings(surroundings);
    this.retrials = new Retrials(deadLetters, processors, surroundings.ledger());
    this.watchdog = new Watchdog(threads, WATCH_MILLIS, this::watch, this::hasWork);
  }

  /** Gives up what takes too long: the one clock for all turns. */
  private void watch() {
    long now = System.nanoTime();
    for (Processor processor : processors.all()) {
      processor.watch(now);
    }
    changer.watch(now);
    loaders.check();
    deadLetters.watch(now);
  }

  private boolean hasWork() {
    return !processors.all().isEmpty() || !changer.isIdle() || loaders.alive() > 0;
  }

  private Version load(Release release) {
    return Version.load(
        release,
        loaders,
        ServicePlace.of(self, labels, release, directories),
        networkForService.apply(release));
  }

  /**
   * Loads a release, calls its maker, and carries a copy of the present state over. Nothing that
   * runs is changed.
   *
   * <p>Fails with {@link ErrorCode#BAD_ARCHIVE}, {@link ErrorCode#VERSION_SKEW} (it needs a newer
   * P2PKit or Java) or {@link ErrorCode#MIGRATION_FAILED}.
   */
  public CompletableFuture<Prepared> prepare(Release release) {
    CompletableFuture<Prepared> result =
        changer.run(
            "loading " + release.key(),
            ErrorCode.BAD_ARCHIVE,
            () -> beginnings.prepare(release, processors.find(release.key())),
            this::discard);
    watchdog.wake();
    return result;
  }

  /**
   * Puts a prepared release to use when the present turn has ended. Messages wait meanwhile; none
   * is lost or processed twice. If the state cannot be carried over after all, it fails with {@link
   * ErrorCode#MIGRATION_FAILED} and the version before goes on.
   */
  public CompletableFuture<Activation> activate(Prepared prepared) {
    Optional<Version> loaded = prepared.take();
    if (loaded.isEmpty()) {
      return CompletableFuture.failedFuture(
          new KitException(
              ErrorCode.CANCELLED,
              prepared.release().key() + " was activated or discarded before; prepare it again"));
    }
    Version version = loaded.get();
    Optional<Processor> present = processors.find(prepared.release().key());
    if (present.isPresent()) {
      return present.get().upgrades().upgrade(version);
    }
    return changer
        .run(
            "the first state of " + prepared.release().key(),
            ErrorCode.BAD_ARCHIVE,
            () -> beginnings.begin(prepared, version),
            Beginnings.Start::close)
        .whenComplete(
            (state, thrown) -> {
              if (thrown != null) {
                changer.execute(version::close);
              }
            })
        .thenCompose(start -> install(prepared, version, start));
  }

  private CompletableFuture<Activation> install(
      Prepared prepared, Version version, Beginnings.Start start) {
    long begin = System.nanoTime();
    ServiceKey key = version.release().key();
    Optional<Processors.Place> place =
        processors.add(key, () -> beginnings.processor(prepared, version, start));
    if (place.isEmpty()) {
      start.close();
      changer.execute(version::close);
      return CompletableFuture.failedFuture(
          new KitException(ErrorCode.CLOSED, "this peer is closed"));
    }
    if (!place.get().added()) {
      start.close();
      return place.get().processor().upgrades().upgrade(version);
    }
    watchdog.wake();
    return CompletableFuture.completedFuture(
        new Activation(
            key,
            version.release().epoch(),
            version.manifest().version(),
            (System.nanoTime() - begin) / 1_000));
  }

  /** Gives a prepared release up; without effect if it was activated. */
  public void discard(Prepared prepared) {
    prepared.take().ifPresent(version -> changer.execute(version::close));
  }

  /**
   * Ends a processor when its present turn has ended; what waits for it fails with {@link
   * ErrorCode#NO_SUCH_SERVICE}.
   */
  public void remove(ServiceKey key) {
    end(key, ErrorCode.NO_SUCH_SERVICE, " was removed");
  }

  /**
   * A service that does not run here has ended for good, perhaps while this peer was away: the
   * durable state that it has left goes, and what is known of its probation. Without effect where
   * something runs, and on what belongs to another lineage.
   */
  public void forget(ServiceKey key, String lineage) {
    changer.execute(
        () -> {
          if (processors.find(key).isEmpty()) {
            surroundings.forget(key, lineage);
          }
        });
  }

  /**
   * Ends a processor in the same way, but as the end of the peer would: its durable state, and
   * messages that are stored with it, are there when the service is activated again. What waits
   * besides fails with {@link ErrorCode#CLOSED}.
   */
  public void suspend(ServiceKey key) {
    end(key, ErrorCode.CLOSED, " was stopped");
  }

  private void end(ServiceKey key, ErrorCode code, String what) {
    processors.remove(key).ifPresent(processor -> endAfterItsTurn(processor, code, what));
  }

  private void endAfterItsTurn(Processor processor, ErrorCode code, String what) {
    if (processor.mailbox().command(() -> end(processor, code, what)) == Mailbox.Offer.WAKE) {
      processor.wake();
    }
  }

  /**
   * Moves a processor, with its state and what waits for it, to another access point: its owner has
   * lost the name to another. Its log and its directory keep the old name until the next upgrade.
   *
   * <p>Fails with {@link ErrorCode#NO_SUCH_SERVICE} if there is none, and with {@link
   * ErrorCode#BUSY} if the other place is taken.
   */
  public CompletableFuture<ServiceKey> rename(ServiceKey from, ServiceKey to) {
    try {
      processors.rename(from, to);
    } catch (KitException e) {
      return CompletableFuture.failedFuture(e);
    }
    watchdog.wake();
    return CompletableFuture.completedFuture(to);
  }

  private void end(Processor processor, ErrorCode code, String what) {
    processor.end(code, processor.key() + what);
    changer.execute(() -> processor.version().close());
  }

  /** Whether a processor runs, or is stopped, at this access point. */
  public boolean has(String accessPoint) {
    return processors.at(accessPoint).length > 0;
  }

  /** The epoch that runs; 0 if none does. After a revert, that of the version that is back. */
  public long epochOf(ServiceKey key) {
    return processors.find(key).map(it -> it.version().release().epoch()).orElse(0L);
  }

  /**
   * The epoch that was reverted here and must not be activated again; empty if none was since the
   * last good activation.
   */
  public Optional<Long> revertedEpoch(ServiceKey key) {
    return processors.find(key).flatMap(it -> it.upgrades().revertedEpoch());
  }

  /**
   * Brings a message to every processor at its access point. Fails it with {@link
   * ErrorCode#NO_SUCH_ACCESS_POINT} if there is none.
   */
  public void deliver(Incoming incoming) {
    Processor[] receivers = processors.at(incoming.message().accessPoint());
    if (receivers.length == 0) {
      incoming.fail(
          ErrorCode.NO_SUCH_ACCESS_POINT,
          "no service is installed at this access point of the peer");
    } else if (receivers.length == 1) {
      receivers[0].accept(incoming, surroundings.deliveries().mayRunTurns());
    } else {
      Incoming[] parts = Fanout.split(incoming, receivers.length);
      for (int i = 0; i < receivers.length; i++) {
        // All have the message before the turn of one, which may take long.
        receivers[i].accept(parts[i], false);
      }
    }
  }

  /**
   * What this peer owns has changed: services are told which keys came and which went.
   *
   * @param before what it owned; empty if nothing
   * @param now what it owns from now on
   */
  public void owns(OwnershipMode mode, Optional<Arc> before, Optional<Arc> now, long epoch) {
    processors.owns(mode, before, now, epoch);
  }

  /**
   * Peers of another ring get parts of this peer's arc, and both have served these: services are
   * told of each part when it is no longer owned here, or at once if it is not any more.
   *
   * @param arc what this peer owned when the rings met
   */
  public void merged(Arc arc, long epoch, long otherEpoch) {
    processors.merged(arc, epoch, otherEpoch);
  }

  /**
   * How careful the services at an access point are about having one owner per key: as the most
   * careful of them; streams and what is not here are not.
   */
  public OwnershipMode ownershipAt(String accessPoint) {
    for (Processor receiver : processors.at(accessPoint)) {
      if (receiver.version().descriptor().ownership() == OwnershipMode.STRICT) {
        return OwnershipMode.STRICT;
      }
    }
    return OwnershipMode.AVAILABLE;
  }

  /** What this peer runs, stopped ones included. */
  public Map<ServiceKey, ServiceStatus.OnPeer> status() {
    Map<ServiceKey, ServiceStatus.OnPeer> all = new HashMap<>();
    processors.all().forEach(processor -> all.put(processor.key(), processor.status()));
    return Map.copyOf(all);
  }

  /** What runs there, stopped or not; empty if nothing does. */
  public Optional<ServiceStatus.OnPeer> statusOf(ServiceKey key) {
    return processors.find(key).map(Processor::status);
  }

  /**
   * The archives, by their hashes, of the version that runs there and of the one that a revert or a
   * rollback may bring back, also before anything runs after a start.
   */
  public Set<String> archivesInUse(ServiceKey key) {
    Set<String> archives = new HashSet<>();
    processors
        .find(key)
        .ifPresent(processor -> archives.add(processor.version().release().archiveHash()));
    surroundings.probations().previousArchive(key).ifPresent(archives::add);
    return archives;
  }

  /**
   * Whether other peers have still to get what runs there. As long as they have, a crash loop
   * brings the version before back here, also after the {@link RuntimeConfig#probation}, up to
   * {@link RuntimeConfig#longestProbation}.
   *
   * @param archive what runs; without effect if that is another one by now
   */
  public void awaited(ServiceKey key, String archive, boolean others) {
    processors.find(key).ifPresent(processor -> processor.upgrades().awaited(archive, others));
  }

  /** The turns of what runs there since it runs; none if nothing does. */
  public TurnCounts countsOf(ServiceKey key) {
    return processors.find(key).map(Processor::counts).orElse(TurnCounts.NONE);
  }

  /** The turns of the version before what runs there. */
  public TurnCounts countsBefore(ServiceKey key) {
    return processors.find(key).map(Processor::countsBefore).orElse(TurnCounts.NONE);
  }

  /** What each service here has done and used up, in the order of their names. */
  public List<ServiceFigures> figures() {
    return processors.all().stream()
        .map(Processor::figures)
        .sorted(Comparator.comparing(ServiceFigures::name).thenComparing(ServiceFigures::instance))
        .toList();
  }

  /** The dead letters that are kept, oldest first. */
  public List<DeadLetter> deadLetters() {
    return deadLetters.all();
  }

  /** Forgets a dead letter; false if there is none of this number. */
  public boolean dropDeadLetter(long number) {
    return deadLetters.remove(number);
  }

  /**
   * Brings a dead letter to its service again; it is one no more when its turn has ended well.
   *
   * <p>Fails with {@link ErrorCode#PROTOCOL_ERROR} if there is none of this number, with {@link
   * ErrorCode#NO_SUCH_SERVICE} if its service does not run here, and as any message does.
   *
   * @param limit how long it may wait in the mailbox
   */
  public CompletableFuture<Void> retryDeadLetter(long number, Duration limit) {
    return retrials.begin(number, limit);
  }

  /** The counters. */
  public RuntimeStatistics statistics() {
    return surroundings
        .ledger()
        .statistics(loaders, surroundings.files(), surroundings.probations());
  }

  /**
   * Ends all services; what waits for them fails with {@link ErrorCode#CLOSED}, what is in its turn
   * with {@link ErrorCode#DELIVERY_UNKNOWN}.
   */
  @Override
  public void close() {
    List<Processor> all = processors.close();
    all.forEach(processor -> processor.end(ErrorCode.CLOSED, "this peer was closed"));
    surroundings.committer().close();
    changer.close();
    threads.close();
    all.forEach(processor -> processor.version().close());
    deadLetters.close();
  }
}
