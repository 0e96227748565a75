// Puts a peer together, starts it, and takes it apart again.
package dev.p2pkit.peer;

import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.ban.BanCodec;
import dev.p2pkit.overlay.ban.Bans;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.peer.EntryMode;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.overlay.peer.IdentitySeals;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.peer.access.AccessLimits;
import dev.p2pkit.peer.access.AccessPoints;
import dev.p2pkit.peer.audit.AuditLog;
import dev.p2pkit.peer.bans.BanFile;
import dev.p2pkit.peer.bans.BanKeeper;
import dev.p2pkit.peer.connection.Connections;
import dev.p2pkit.peer.gateway.Gateway;
import dev.p2pkit.peer.gateway.GatewayConfig;
import dev.p2pkit.peer.gateway.directory.DirectoryCodec;
import dev.p2pkit.peer.gateway.directory.DirectoryConfig;
import dev.p2pkit.peer.gateway.directory.SessionDirectory;
import dev.p2pkit.peer.multicast.Multicaster;
import dev.p2pkit.peer.notices.NoticeWriter;
import dev.p2pkit.peer.registry.FileRecordStore;
import dev.p2pkit.peer.registry.Host;
import dev.p2pkit.peer.registry.Registry;
import dev.p2pkit.peer.registry.RegistryCodec;
import dev.p2pkit.peer.registry.RegistryConfig;
import dev.p2pkit.peer.registry.archive.ArchiveCodec;
import dev.p2pkit.peer.registry.archive.ArchiveStore;
import dev.p2pkit.peer.registry.archive.ArchiveTransfer;
import dev.p2pkit.peer.rights.HeldTickets;
import dev.p2pkit.peer.service.Release;
import dev.p2pkit.peer.service.RuntimeConfig;
import dev.p2pkit.peer.service.ServiceKey;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.peer.trust.TrustBoard;
import dev.p2pkit.peer.trust.TrustFile;
import dev.p2pkit.peer.trust.TrustKeeper;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a peer: what it consists of, in which order that starts, and how it ends. After a
 * failed start nothing is left.
 */
final class PeerAssembly {
  private static final Logger log = LoggerFactory.getLogger(PeerAssembly.class);
  private static final Duration CATCH_UP = Duration.ofSeconds(30);

  /** When the peers that this one remembers are written down first, and how often after that. */
  private static final long FIRST_KEEP_MILLIS = 5_000;

  private static final long KEEP_MILLIS = 60_000;

  /** After how long it is tried again to store what found no room on the disk. */
  private static final long STORE_AGAIN_MILLIS = 5_000;

  private static final int EVENTS_WAITING = 4_096;

  /** Connections are numbered over the restarts of a peer: so many bits for one millisecond. */
  private static final int CONNECTIONS_PER_MILLISECOND = 20;

  private final PeerBuilder settings;
  private final PeerSettings asStarted;
  private final HeldTickets tickets;
  private final DataHome home;
  private final Vertx vertx;
  private final PeerThreads threads;
  private final OverlayPeer overlay;
  private final TrustBoard trustBoard;
  private final Registry registry;
  private final PeerParts parts;
  private final PeerNetwork network;
  private final Gateway gateway;
  private final GatewayTicker ticker;
  private final RememberedFile remembered;
  private final long keeper;
  private final Inbox inbox;
  private final FromOverlay fromOverlay;
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private volatile boolean closed;

  /** Starts a peer; see {@link PeerBuilder#start}. */
  static CompletableFuture<Peer> start(PeerBuilder settings) {
    ExecutorService starter =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "p2pkit-start");
              thread.setDaemon(true);
              return thread;
            });
    return CompletableFuture.supplyAsync(() -> new PeerAssembly(settings), starter)
        .thenCompose(assembly -> assembly.join(starter))
        .whenComplete((peer, failed) -> starter.shutdown());
  }

  private PeerAssembly(PeerBuilder settings) {
    this.settings = settings;
    StartSettings checked = StartSettings.of(settings);
    asStarted = PeerSettings.of(settings, checked.overlay());
    tickets = checked.tickets();
    Undo undo = new Undo();
    try {
      home = DataHome.open(settings.dataDirectory, settings.idPuzzle);
      undo.add(home::close);
      threads = PeerThreads.start(home.identity().id().shortText());
      undo.add(threads::stop);
      vertx = SharedEventLoops.acquire();
      undo.add(() -> SharedEventLoops.release().join());
      EventStream events =
          new EventStream(threads.completions(), EVENTS_WAITING, settings.firstListener);
      undo.add(events::close);
      AuditLog audit =
          new AuditLog(
              home.path(), home.identity().id(), System::currentTimeMillis, threads.files());
      fromOverlay = new FromOverlay(events, audit);
      overlay =
          new OverlayPeer(
              vertx,
              home.identity(),
              home.nextIncarnation(),
              checked.overlay(home.lock()),
              fromOverlay);
      undo.add(() -> overlay.close().join());
      ServiceRuntime runtime =
          new ServiceRuntime(
              RuntimeConfig.DEFAULT.quotas(settings.quotas),
              home.identity().id(),
              settings.labels,
              home.services(),
              this::serviceNetwork,
              new NetworkThreads(overlay),
              events::publish,
              this::phaseChanged);
      undo.add(runtime::close);
      AccessPoints accessPoints =
          new AccessPoints(runtime, threads.completions(), AccessLimits.DEFAULT);
      undo.add(accessPoints::close);
      ArchiveStore archives = new ArchiveStore(home.archives(), threads.files(), overlay::run);
      ArchiveTransfer transfer =
          overlay.host(new ArchiveCodec(), effects -> new ArchiveTransfer(effects, archives));
      // Before the registry, whose neighbours are asked in the same order: a peer that joins knows
      // whom the root trusts when their records come.
      TrustFile trustFile = new TrustFile(home.path());
      Executor storeAgain =
          CompletableFuture.delayedExecutor(
              STORE_AGAIN_MILLIS, TimeUnit.MILLISECONDS, threads.files());
      TrustKeeper trustKeeper =
          new TrustKeeper(
              overlay,
              home.identity().id(),
              new NoticeWriter<>(trustFile, threads.files(), storeAgain),
              audit::add,
              this::govern);
      trustBoard =
          overlay.host(
              TrustBoard.codec(),
              effects ->
                  new TrustBoard(
                      effects,
                      settings.network,
                      checked.root(),
                      trustFile.load(),
                      System::currentTimeMillis,
                      trustKeeper));
      FileRecordStore records = new FileRecordStore(home.registry(), threads.files(), storeAgain);
      registry =
          overlay.host(
              new RegistryCodec(),
              effects ->
                  new Registry(
                      RegistryConfig.DEFAULT.keepArchives(settings.keepArchives),
                      effects,
                      transfer,
                      new RuntimeDeployment(runtime, archives, overlay::run),
                      records,
                      checked.trust(),
                      new Host(
                          System::currentTimeMillis,
                          settings.labels,
                          new IdentitySeals(home.identity()),
                          trustBoard.rules()),
                      fromOverlay));
      Restrictions restrictions =
          new Restrictions(registry::directory, home.identity().id(), audit);
      SessionDirectory sessions =
          overlay.host(
              new DirectoryCodec(),
              effects -> new SessionDirectory(DirectoryConfig.DEFAULT, effects));
      BanFile banFile = new BanFile(home.path());
      BanKeeper banKeeper =
          new BanKeeper(
              overlay,
              home.identity().id(),
              new NoticeWriter<>(banFile, threads.files(), storeAgain),
              events::publish);
      Bans bans =
          overlay.host(
              new BanCodec(),
              effects ->
                  new Bans(
                      effects,
                      settings.network,
                      checked.root(),
                      banFile.load(),
                      System::currentTimeMillis,
                      banKeeper));
      overlay.clientCodec(new SessionCodec());
      parts =
          new PeerParts(
              overlay,
              registry,
              archives,
              runtime,
              accessPoints,
              events,
              threads,
              new SessionRoutes(
                  session -> {
                    CompletableFuture<Optional<PeerRef>> found = new CompletableFuture<>();
                    overlay.run(now -> sessions.lookup(now, session, found::complete));
                    return found;
                  }),
              this::sessions,
              () -> closed,
              settings.ownerKey,
              settings.labels,
              bans,
              banKeeper,
              trustBoard,
              trustKeeper,
              restrictions,
              new Multicaster(new GroupCalls(overlay, this::programNetwork, this::inbox)),
              new Connections(
                  new ConnectionCalls(threads, this::programNetwork, this::inbox),
                  events::publish,
                  overlay.self().incarnation() << CONNECTIONS_PER_MILLISECOND),
              new OnceNumbers(
                  home.identity().id(), overlay.self().incarnation(), threads.completions()),
              new Gathering<>());
      network = new PeerNetwork(parts, 0, checked.tickets());
      gateway =
          new Gateway(
              home.identity(),
              settings.network,
              settings.tls,
              GatewayConfig.DEFAULT,
              new ClientDoor(parts),
              threads.files(),
              new SessionNews(overlay, sessions),
              Clock.systemUTC());
      inbox = new Inbox(overlay, accessPoints, registry, restrictions, fromOverlay::toSession);
      ticker = new GatewayTicker(vertx, gateway);
      fromOverlay.connect(parts, inbox, gateway, ticker);
      accessPoints.receive(Multicaster.ACCESS_POINT, parts.multicaster()::receive);
      accessPoints.receive(Connections.ACCESS_POINT, parts.connections()::receive);
      accessPoints.receive(Reserved.INFO, incoming -> incoming.reply(Payload.tree(parts.info())));
      settings.accessPoints.forEach(accessPoints::handle);
      remembered = new RememberedFile(home.path());
      keeper = vertx.setPeriodic(FIRST_KEEP_MILLIS, KEEP_MILLIS, timer -> keepInTime());
    } catch (RuntimeException e) {
      undo.run();
      throw e;
    }
  }

  /** Not from inside of the board, which has just been told. */
  private void govern() {
    overlay.run(now -> registry.govern(now, trustBoard.rules()));
  }

  private Inbox inbox() {
    return inbox;
  }

  /** Services of one owner may call each other; and all may what this peer has tickets for. */
  private Network serviceNetwork(Release release) {
    return new PeerNetwork(
        parts, 0, tickets.or(new SameOwner(parts.registry()::directory, release.lineage())));
  }

  /** The registry does not wait for its next look at what runs: a revert is told at once. */
  private void phaseChanged(ServiceKey service, ServiceStatus.OnPeer status) {
    log.debug("{} is {}", service, status);
    if (status.phase() == Phase.REVERTED || status.phase() == Phase.STOPPED) {
      overlay.run(now -> parts.registry().ranOtherwise(now, service.name(), service.instance()));
    }
  }

  private PeerNetwork programNetwork() {
    return network;
  }

  private void keepInTime() {
    CompletableFuture<?> unused = keep();
  }

  /** Writes down whom this peer remembers. */
  private CompletableFuture<Void> keep() {
    return overlay.remembered().thenAcceptAsync(remembered::save, threads.files());
  }

  private List<Key> sessions() {
    return gateway.sessions();
  }

  private CompletableFuture<Peer> join(ExecutorService starter) {
    return overlay
        .listen()
        .thenComposeAsync(
            self ->
                overlay.enter(
                    settings.entryPoints.stream().map(EntryPoint::parse).toList(),
                    remembered.load(),
                    switch (settings.joinMode) {
                      case CREATE -> EntryMode.CREATE;
                      case JOIN_ONLY, OBSERVE -> EntryMode.JOIN_ONLY;
                      case CREATE_OR_JOIN -> EntryMode.CREATE_OR_JOIN;
                    },
                    settings.joinLimit),
            starter)
        .thenComposeAsync(joined -> fromOverlay.caughtUp(), starter)
        .thenApplyAsync(ready -> new Peer(this, parts, network), threads.completions())
        .orTimeout(settings.joinLimit.plus(CATCH_UP).toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyComposeAsync(
            failed ->
                // The others know a peer that has joined: it says goodbye.
                (overlay.view().joined() ? leave() : close())
                    .handle(
                        (done, ignored) -> {
                          throw failure(failed);
                        }),
            starter);
  }

  private static KitException failure(Throwable failed) {
    Throwable cause = failed.getCause() == null ? failed : failed.getCause();
    return cause instanceof java.util.concurrent.TimeoutException
        ? new KitException(
            ErrorCode.NOT_READY,
            "the peer joined, but its neighbours did not tell it which services run; try again in a moment")
        : KitException.from(failed);
  }

  PeerSettings settings() {
    return asStarted;
  }

  String clientTicket(Duration validity, Set<Right> rights) {
    return gateway.issue(List.of(overlay.self().endpoint()), rights, validity).text();
  }

  /** Leaves and closes, once; every later call gets the same stage. */
  CompletableFuture<Void> leave() {
    synchronized (left) {
      if (closed) {
        return left.copy();
      }
      closed = true;
    }
    gateway.close();
    parts.connections().close();
    CompletableFuture<?> unused =
        keep()
            .handle((done, failed) -> failed)
            .thenCompose(ignored -> overlay.leave())
            .handle((done, failed) -> failed)
            .thenCompose(failed -> close())
            .whenComplete(
                (done, failed) -> {
                  if (failed == null) {
                    left.complete(null);
                  } else {
                    left.completeExceptionally(failed);
                  }
                });
    return left.copy();
  }

  private CompletableFuture<Void> close() {
    closed = true;
    parts.runtime().close();
    parts.accessPoints().close();
    parts.events().close();
    return overlay.close().handle((done, failed) -> null).thenCompose(done -> release());
  }

  private CompletableFuture<Void> release() {
    CompletableFuture<Void> released = new CompletableFuture<>();
    ticker.close();
    vertx.cancelTimer(keeper);
    CompletableFuture<?> unused =
        SharedEventLoops.release()
            .whenComplete(
                (done, failed) -> {
                  // Not on an event loop, which may have just been closed.
                  Thread last =
                      new Thread(
                          () -> {
                            threads.stop();
                            home.close();
                            released.complete(null);
                          },
                          "p2pkit-close");
                  last.setDaemon(true);
                  last.start();
                });
    return released;
  }
}
