// Asks all peers what they run, and answers that question.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Row;
import dev.p2pkit.peer.registry.RegistryMessage.StatusReply;
import dev.p2pkit.peer.registry.RegistryMessage.StatusRequest;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Status as everybody sees it. */
final class StatusQueries {
  /** Between two questions for the same, in microseconds. */
  static final long SPACING = 50_000;

  private final Courier courier;
  private final Alarms alarms;
  private final Catalogue catalogue;
  private final Deployer deployer;
  private final Deployment deployment;
  private final RecordStore store;
  private final Supplier<RingView> view;
  private final Map<Long, Query> queries = new HashMap<>();

  /** Who asks for what was asked for a moment ago, by access point. */
  private final Map<String, List<Asking>> spaced = new HashMap<>();

  private long last;

  StatusQueries(
      Courier courier,
      Alarms alarms,
      Catalogue catalogue,
      Deployer deployer,
      Deployment deployment,
      RecordStore store,
      Supplier<RingView> view) {
    this.courier = courier;
    this.alarms = alarms;
    this.catalogue = catalogue;
    this.deployer = deployer;
    this.deployment = deployment;
    this.store = store;
    this.view = view;
  }

  private record Asking(long deadlineAt, Completion<List<ServiceStatus>> done) {}

  private static final class Query {
    final TreeSet<PeerId> waitingFor = new TreeSet<>();
    final List<Row> rows = new ArrayList<>();
    final List<Asking> asking;
    long alarm;

    Query(RingView view, List<Asking> asking) {
      view.members().forEach(peer -> waitingFor.add(peer.id()));
      this.asking = asking;
    }
  }

  /**
   * Asks everybody; those who ask for the same within a moment are answered by one question, begun
   * after all of them, so that a client that asks without end does not have every member answer
   * without end.
   */
  void ask(
      long now,
      Optional<String> accessPoint,
      long deadlineAt,
      Completion<List<ServiceStatus>> done) {
    Asking asking = new Asking(deadlineAt, done);
    List<Asking> next = spaced.get(accessPoint.orElse(""));
    if (next != null) {
      next.add(asking);
    } else {
      begin(now, accessPoint.orElse(""), List.of(asking));
    }
  }

  private void begin(long now, String accessPoint, List<Asking> asking) {
    spaced.put(accessPoint, new ArrayList<>());
    alarms.at(
        now + SPACING,
        then -> {
          List<Asking> next = spaced.remove(accessPoint);
          if (next != null && !next.isEmpty()) {
            begin(then, accessPoint, next);
          }
        });
    long id = ++last;
    RingView present = view.get();
    Query query = new Query(present, asking);
    queries.put(id, query);
    long deadlineAt = asking.stream().mapToLong(Asking::deadlineAt).max().orElseThrow();
    query.alarm = alarms.at(deadlineAt, then -> end(then, id));
    StatusRequest request = new StatusRequest(id, accessPoint);
    present.members().forEach(peer -> courier.send(now, peer, request));
  }

  /** What this peer runs. */
  List<Row> rows(String accessPoint) {
    List<Row> rows = new ArrayList<>();
    for (Catalogue.Entry entry :
        accessPoint.isEmpty() ? catalogue.entries() : catalogue.at(accessPoint)) {
      if (rows.size() == RegistryCodec.MAX_ROWS) {
        break;
      }
      String reachedAt = catalogue.accessPoint(entry.record());
      onThisPeer(entry, reachedAt)
          .ifPresent(it -> rows.add(new Row(status(entry.record(), reachedAt, List.of(it)))));
    }
    return rows;
  }

  private Optional<ServiceStatus.OnPeer> onThisPeer(Catalogue.Entry entry, String accessPoint) {
    ServiceRecord record = entry.record();
    Optional<Slot> slot = deployer.slots().of(Chain.of(record));
    if (slot.isEmpty()) {
      return Optional.empty();
    }
    Slot here = slot.get();
    Assignment running = here.running;
    ServiceStatus.OnPeer known =
        new ServiceStatus.OnPeer(
            courier.self().id(),
            here.phase(),
            here.activeEpoch(),
            running == null ? "" : running.edition().version(),
            running == null ? "" : running.archive(),
            here.millis,
            here.explanation(),
            catalogue.digest());
    // The runtime knows of crashes; the registry of versions that are still on their way, and of
    // records that came into force since without a change of what runs.
    ServiceStatus.OnPeer row =
        here.phase() == ServiceStatus.Phase.ACTIVE
            ? deployment
                .status(accessPoint, record.instance())
                .map(runs -> labelled(runs, known))
                .orElse(known)
            : known;
    return Optional.of(store.trouble(record).map(why -> troubled(row, why)).orElse(row));
  }

  /** The record is in force here, but would not be after the end of this process. */
  private static ServiceStatus.OnPeer troubled(ServiceStatus.OnPeer row, String why) {
    return new ServiceStatus.OnPeer(
        row.peer(),
        row.phase(),
        row.epoch(),
        row.version(),
        row.archive(),
        row.millis(),
        row.detail().isEmpty() ? why : row.detail() + "; " + why,
        row.registry());
  }

  private static ServiceStatus.OnPeer labelled(
      ServiceStatus.OnPeer runs, ServiceStatus.OnPeer known) {
    boolean reverted = runs.phase() == ServiceStatus.Phase.REVERTED;
    return new ServiceStatus.OnPeer(
        runs.peer(),
        runs.phase(),
        reverted ? runs.epoch() : known.epoch(),
        runs.version(),
        runs.archive(),
        runs.millis(),
        runs.detail(),
        known.registry());
  }

  private static ServiceStatus status(
      ServiceRecord record, String accessPoint, List<ServiceStatus.OnPeer> peers) {
    return new ServiceStatus(
        accessPoint,
        record.instance(),
        record.epoch(),
        record.version(),
        record.archive(),
        OwnerKey.fingerprint(record.owner()),
        record.upgradeable(),
        record.sharable(),
        peers);
  }

  void onReply(long now, PeerId from, StatusReply reply) {
    Query query = queries.get(reply.query());
    if (query != null && query.waitingFor.remove(from)) {
      // A peer speaks for itself only.
      reply.rows().stream()
          .filter(row -> row.status().peers().get(0).peer().equals(from))
          .forEach(query.rows::add);
      if (query.waitingFor.isEmpty()) {
        end(now, reply.query());
      }
    }
  }

  /** A peer is dead or has left. */
  void onGone(long now, PeerId peer) {
    List.copyOf(queries.keySet()).forEach(id -> onReply(now, peer, new StatusReply(id, List.of())));
  }

  private void end(long now, long id) {
    Query query = queries.remove(id);
    if (query == null) {
      return;
    }
    alarms.cancel(query.alarm);
    Map<String, List<ServiceStatus>> services = new TreeMap<>();
    for (Row row : query.rows) {
      services
          .computeIfAbsent(
              row.status().name() + "/" + row.status().instance() + "/" + row.status().owner(),
              key -> new ArrayList<>())
          .add(row.status());
    }
    List<ServiceStatus> merged = services.values().stream().map(StatusQueries::merged).toList();
    query.asking.forEach(each -> each.done().done(now, merged));
  }

  /** The newest record with what everybody runs of it. */
  private static ServiceStatus merged(List<ServiceStatus> rows) {
    ServiceStatus newest =
        rows.stream().max(Comparator.comparingLong(ServiceStatus::epoch)).orElseThrow();
    List<ServiceStatus.OnPeer> peers =
        rows.stream()
            .map(row -> row.peers().get(0))
            .sorted(Comparator.comparing(ServiceStatus.OnPeer::peer))
            .toList();
    return new ServiceStatus(
        newest.name(),
        newest.instance(),
        newest.epoch(),
        newest.version(),
        newest.archive(),
        newest.owner(),
        newest.upgradeable(),
        newest.sharable(),
        peers);
  }
}
