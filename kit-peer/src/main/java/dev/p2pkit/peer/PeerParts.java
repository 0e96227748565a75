// The parts of a running peer and how they are joined.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.service.InstallBackend;
import dev.p2pkit.client.service.ServiceInstaller;
import dev.p2pkit.overlay.ban.Bans;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.notice.NoticeStatistics;
import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.peer.OverlayStatistics;
import dev.p2pkit.overlay.proof.ProofStatistics;
import dev.p2pkit.overlay.transport.LinkStatistics;
import dev.p2pkit.peer.access.AccessPoints;
import dev.p2pkit.peer.bans.BanKeeper;
import dev.p2pkit.peer.connection.Connections;
import dev.p2pkit.peer.multicast.Multicaster;
import dev.p2pkit.peer.registry.InstallRequest;
import dev.p2pkit.peer.registry.Registry;
import dev.p2pkit.peer.registry.RegistryStatistics;
import dev.p2pkit.peer.registry.archive.ArchiveStore;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.peer.service.RuntimeStatistics;
import dev.p2pkit.peer.service.ServiceRuntime;
import dev.p2pkit.peer.trust.TrustBoard;
import dev.p2pkit.peer.trust.TrustKeeper;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.UpdateReport;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the operations of a peer work on.
 *
 * @param overlay messages and the ring
 * @param registry which services the network runs; called on the control thread
 * @param archives the archives that are here
 * @param runtime runs the services
 * @param accessPoints who receives what arrives
 * @param events what happens
 * @param threads where stages complete and files are read
 * @param sessions the way to clients' proxies
 * @param clients the sessions attached here
 * @param closed whether the peer has been closed
 * @param ownerKey the key of this peer's own installs
 * @param labels what the operator says of this peer
 * @param bans who is banned; called on the control thread
 * @param banKeeper does what bans ask
 * @param trust what the root says of owners and names; called on the control thread
 * @param trustKeeper does what that asks
 * @param restrictions what callers may not do here
 * @param multicaster hands messages for many targets on
 * @param connections ordered streams to other peers, and theirs
 * @param once numbers the messages that are repeated
 * @param ring asks all peers who they are
 */
record PeerParts(
    OverlayPeer overlay,
    Registry registry,
    ArchiveStore archives,
    ServiceRuntime runtime,
    AccessPoints accessPoints,
    EventStream events,
    PeerThreads threads,
    SessionRoutes sessions,
    Supplier<List<Key>> clients,
    Supplier<Boolean> closed,
    Optional<java.nio.file.Path> ownerKey,
    Map<String, String> labels,
    Bans bans,
    BanKeeper banKeeper,
    TrustBoard trust,
    TrustKeeper trustKeeper,
    Restrictions restrictions,
    Multicaster multicaster,
    Connections connections,
    OnceNumbers once,
    Gathering<List<PeerInfo>> ring)
    implements InstallBackend {
  /** Of how many services a peer tells figures when asked from elsewhere: the answer is bounded. */
  private static final int MOST_FIGURES = 256;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** How long a peer waits for what others say they run. */
  private static final Duration STATUS_TIME = Duration.ofSeconds(3);

  static KitException closedException() {
    return new KitException(ErrorCode.CLOSED, "this peer is closed");
  }

  boolean isClosed() {
    return closed.get();
  }

  Executor completions() {
    return threads.completions();
  }

  ServiceInstaller installer() {
    return new ServiceInstaller(this, ownerKey, threads.files(), Clock.systemUTC());
  }

  /** The same outcome, but completed where callers may take their time. */
  <T> CompletableFuture<T> elsewhere(CompletableFuture<T> stage) {
    return stage.whenCompleteAsync((value, failed) -> {}, completions());
  }

  @Override
  public CompletableFuture<Optional<ServiceRecord>> current(String name, String instance) {
    return CompletableFuture.completedFuture(registry.current(name, instance));
  }

  @Override
  public CompletableFuture<UpdateReport> submit(
      ServiceRecord record, Archive archive, Duration deadline) {
    CompletableFuture<UpdateReport> done = new CompletableFuture<>();
    threads
        .files()
        .execute(
            () -> {
              try {
                archives.put(archive);
              } catch (KitException e) {
                done.completeExceptionally(e);
                return;
              }
              overlay.run(now -> install(now, record, deadline, done));
            });
    return elsewhere(done);
  }

  @Override
  public CompletableFuture<UpdateReport> submit(ServiceRecord record, Duration deadline) {
    CompletableFuture<UpdateReport> done = new CompletableFuture<>();
    overlay.run(now -> install(now, record, deadline, done));
    return elsewhere(done);
  }

  @Override
  public CompletableFuture<List<ServiceRecord>> history(String name, String instance) {
    CompletableFuture<List<ServiceRecord>> past = new CompletableFuture<>();
    overlay.run(now -> past.complete(registry.history(name, instance)));
    return elsewhere(past);
  }

  @Override
  public CompletableFuture<List<ServiceStatus>> services() {
    CompletableFuture<List<ServiceStatus>> statuses = new CompletableFuture<>();
    overlay.run(
        now ->
            registry.statuses(
                now,
                Optional.empty(),
                now + TimeUnit.NANOSECONDS.toMicros(STATUS_TIME.toNanos()),
                (then, found) -> statuses.complete(found)));
    return elsewhere(statuses);
  }

  private void install(
      long now, ServiceRecord record, Duration deadline, CompletableFuture<UpdateReport> done) {
    Key grant = new Key(RANDOM.nextLong(), RANDOM.nextLong());
    long deadlineAt = now + TimeUnit.NANOSECONDS.toMicros(deadline.toNanos());
    registry.install(
        now,
        new InstallRequest(record, grant, deadlineAt),
        (then, result) -> {
          if (result instanceof Result.Value<UpdateReport> value) {
            done.complete(value.value());
          } else if (result instanceof Result.Failure<UpdateReport> failure) {
            done.completeExceptionally(new KitException(failure.code(), failure.detail()));
          }
        });
  }

  RuntimeStatistics runtimeStatistics() {
    return runtime.statistics();
  }

  PeerInfo info() {
    RingView view = overlay.view();
    PeerRef self = overlay.self();
    List<String> services = new ArrayList<>();
    runtime
        .status()
        .forEach(
            (key, status) -> services.add(key + " " + status.version() + " " + status.phase()));
    services.sort(String::compareTo);
    List<PeerId> successors = view.successors().stream().map(PeerRef::id).toList();
    return new PeerInfo(
        self.id(),
        self.endpoint().host(),
        self.endpoint().port(),
        view.predecessor().id(),
        successors,
        clients.get(),
        services,
        runtime.figures().stream().limit(MOST_FIGURES).toList(),
        labels,
        statistics());
  }

  private static void notices(Map<String, Long> dropped, String kind, NoticeStatistics counts) {
    dropped.put(kind + ".unanswered", counts.unanswered());
    dropped.put(kind + ".ignored", counts.ignored());
  }

  private PeerInfo.Statistics statistics() {
    OverlayStatistics overlayCounters = overlay.statistics();
    LinkStatistics links = overlayCounters.links();
    Map<String, Long> dropped = new TreeMap<>();
    links
        .dropped()
        .forEach(
            (reason, count) ->
                dropped.put("link." + reason.name().toLowerCase(Locale.ROOT), count));
    RuntimeStatistics services = runtime.statistics();
    dropped.put("service.refused", services.refused());
    dropped.put("service.unauthorised", restrictions.refused());
    dropped.put("client.unauthorised", restrictions.refusedClients());
    dropped.put("service.dead-letters", services.deadLetters());
    dropped.put("state.left-over", services.leftOver());
    services.strandedReplies().forEach((code, count) -> dropped.put("reply." + code, count));
    overlayCounters
        .data()
        .dropped()
        .forEach((reason, count) -> dropped.put("message." + reason.replace(' ', '-'), count));
    dropped.put("control.no-link", overlayCounters.controlDropped());
    dropped.put("ring.relay", overlayCounters.ring().relaysRefused());
    overlayCounters
        .ring()
        .dropped()
        .forEach((reason, count) -> dropped.put("ring." + reason, count));
    ProofStatistics proofs = overlayCounters.proofs();
    dropped.put("proof.refused", proofs.refused());
    dropped.put("proof.ignored", proofs.ignored());
    dropped.put("proof.stray", proofs.stray());
    notices(dropped, "ban", bans.statistics());
    notices(dropped, "trust", trust.statistics());
    dropped.put("ban.unstored", banKeeper.unstored());
    dropped.put("trust.unstored", trustKeeper.unstored());
    RegistryStatistics records = registry.statistics();
    dropped.put("archive.superseded", records.archivesDeleted());
    dropped.put("record.unstored", records.unstored());
    records.refused().forEach((reason, count) -> dropped.put("record." + reason, count));
    dropped.values().removeIf(count -> count == 0);
    return new PeerInfo.Statistics(
        overlay.isObserver(),
        overlayCounters.deliveredHere(),
        overlayCounters.sentElsewhere(),
        overlayCounters.controlReceived(),
        overlayCounters.controlSent(),
        accessPoints.delivered(),
        overlayCounters.ring().tableChanges(),
        overlayCounters.ring().successorChanges(),
        overlayCounters.ring().predecessorChanges(),
        clients.get().size(),
        links.outgoing(),
        links.incoming(),
        dropped);
  }
}
