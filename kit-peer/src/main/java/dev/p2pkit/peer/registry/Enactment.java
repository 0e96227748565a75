// Puts records in force on this peer: keeps them, names them, and has them run.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that follows from a record that is better than the one before it. */
final class Enactment implements Books {
  private static final Logger LOG = LoggerFactory.getLogger(Enactment.class);

  private final Catalogue catalogue;
  private final Admission admission;
  private final Deployer deployer;
  private final Deployment deployment;
  private final Waves waves;
  private final HealthBook health;
  private final RecordStore store;
  private final RegistryListener listener;
  private final Supplier<RingView> view;
  private final Function<ServiceRecord, Optional<Key>> prepared;
  private final ArchiveShelf shelf;
  private final LongConsumer changed;
  private final Chronicle chronicle = new Chronicle();
  private final Map<Chain, Standing> standings = new HashMap<>();
  private final Map<Chain, String> accessPoints = new HashMap<>();
  private long accepted;

  /**
   * Enacts what the catalogue admits.
   *
   * @param prepared the grant with which a record was prepared here
   * @param keepArchives how many archives of a service are kept
   * @param forgetArchive deletes an archive that nobody needs any more
   * @param changed called after each record
   */
  Enactment(
      Catalogue catalogue,
      Admission admission,
      Deployer deployer,
      Deployment deployment,
      Waves waves,
      HealthBook health,
      RecordStore store,
      RegistryListener listener,
      Supplier<RingView> view,
      Function<ServiceRecord, Optional<Key>> prepared,
      int keepArchives,
      Consumer<String> forgetArchive,
      LongConsumer changed) {
    this.catalogue = catalogue;
    this.admission = admission;
    this.deployer = deployer;
    this.deployment = deployment;
    this.waves = waves;
    this.health = health;
    this.store = store;
    this.listener = listener;
    this.view = view;
    this.prepared = prepared;
    this.changed = changed;
    this.shelf =
        new ArchiveShelf(
            keepArchives, catalogue, chronicle, deployer, deployment, this::has, forgetArchive);
  }

  /** How many records have changed something. */
  long accepted() {
    return accepted;
  }

  /** The archives of this peer. */
  ArchiveShelf shelf() {
    return shelf;
  }

  /** The last records of a chain. */
  List<ServiceRecord> past(Chain chain) {
    return chronicle.of(chain);
  }

  /** Puts what was stored back in its place. */
  void load(long now, List<RecordStore.Kept> stored) {
    for (RecordStore.Kept kept : stored) {
      catalogue.put(kept.record(), kept.grants());
      standings.put(Chain.of(kept.record()), kept.standing());
      kept.past().forEach(chronicle::add);
      chronicle.add(kept.record());
      chronicle.of(Chain.of(kept.record())).forEach(shelf::note);
    }
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      arrange(now, entry.record().name());
      deploy(now, entry, view.get().self());
    }
  }

  @Override
  public Admission.Verdict take(long now, PeerRef from, ServiceRecord record) {
    Admission.Verdict verdict = admission.judge(from.id(), record);
    if (verdict == Admission.Verdict.FRESH) {
      enact(now, from, record, prepared.apply(record).orElse(Key.ZERO));
    } else if (verdict == Admission.Verdict.STALE) {
      remember(record);
    }
    return verdict;
  }

  /** A record that lost against the one in force may show that its owner has signed twice. */
  private void remember(ServiceRecord loser) {
    Chain chain = Chain.of(loser);
    boolean twin = chronicle.of(chain).stream().anyMatch(it -> Chronicle.isFork(it, loser));
    if (twin && !chronicle.of(chain).contains(loser) && loser.signatureValid()) {
      note(loser);
      catalogue.get(chain).ifPresent(this::save);
    }
  }

  private void note(ServiceRecord record) {
    shelf.note(record);
    if (chronicle.add(record)) {
      LOG.warn(
          "the owner of {} has signed epoch {} twice; the greater record is in force everywhere",
          record.name(),
          record.epoch());
      listener.onEvent(
          new NetworkEvent.ServiceForked(record.name(), record.instance(), record.epoch()));
    }
  }

  @Override
  public void enact(long now, PeerRef from, ServiceRecord record, Key grant) {
    List<Key> grants = grant.equals(Key.ZERO) ? List.of() : List.of(grant);
    Optional<ServiceRecord> before = catalogue.get(Chain.of(record)).map(Catalogue.Entry::record);
    if (catalogue.put(record, grants)) {
      accepted++;
      audit(from, record, before);
    }
    note(record);
    catalogue.get(Chain.of(record)).ifPresent(entry -> keep(now, from, entry));
  }

  private void audit(PeerRef from, ServiceRecord record, Optional<ServiceRecord> before) {
    AuditEntry.What what = AuditEntry.kindOf(record, before);
    boolean brings = what == AuditEntry.What.INSTALL || what == AuditEntry.What.UPGRADE;
    Optional<String> closed =
        brings && !standing(Chain.of(record)).isOpen(record.archive())
            ? waves.closed(record)
            : Optional.empty();
    if (closed.isPresent()) {
      what = AuditEntry.What.SCHEDULED;
    }
    boolean trusted = catalogue.get(Chain.of(record)).map(Catalogue.Entry::trusted).orElse(false);
    listener.onAudit(
        trusted
            ? AuditEntry.done(what, record, from.id(), closed.orElse(""))
            : AuditEntry.refused(
                what,
                record,
                from.id(),
                ErrorCode.UNAUTHORISED,
                "known here, but not run: its owner is not trusted"));
  }

  private void keep(long now, PeerRef from, Catalogue.Entry entry) {
    arrange(now, entry.record().name());
    deploy(now, entry, from);
    save(entry);
    changed.accept(now);
  }

  private void save(Catalogue.Entry entry) {
    Chain chain = Chain.of(entry.record());
    store.save(
        new RecordStore.Kept(entry.record(), entry.grants(), standing(chain), chronicle.of(chain)));
  }

  private Standing standing(Chain chain) {
    return standings.getOrDefault(chain, Standing.NEW);
  }

  /** The root has said something else of owners or names: what that changes is done. */
  void govern(long now, Function<ServiceRecord, Optional<String>> distrust) {
    List<Chain> changed = catalogue.reassess();
    catalogue.names().forEach(name -> arrange(now, name));
    for (Chain chain : changed) {
      Catalogue.Entry entry = catalogue.get(chain).orElseThrow();
      ServiceRecord record = entry.record();
      PeerId self = view.get().self().id();
      listener.onAudit(
          distrust
              .apply(record)
              .map(
                  why ->
                      AuditEntry.refused(
                          AuditEntry.What.TRUST, record, self, ErrorCode.UNAUTHORISED, why))
              .orElseGet(
                  () ->
                      AuditEntry.done(
                          AuditEntry.What.TRUST, record, self, "its owner is trusted now")));
      deploy(now, entry, view.get().self());
    }
    this.changed.accept(now);
  }

  /** Gives the services of a name their access points: another owner may have come first. */
  private void arrange(long now, String name) {
    for (ServiceRecord record : catalogue.related(name)) {
      Chain chain = Chain.of(record);
      String accessPoint = catalogue.accessPoint(record);
      String before = accessPoints.put(chain, accessPoint);
      if (before != null && !before.equals(accessPoint)) {
        deployer.move(now, chain, accessPoint);
      }
      boolean lost = accessPoint.equals(record.longName());
      if (lost && !accessPoint.equals(before)) {
        LOG.warn(
            "owner {} has not the name {}, which is another's by the naming policy or an earlier"
                + " claim; its service is reachable as {}",
            OwnerKey.fingerprint(record.owner()),
            record.name(),
            accessPoint);
        listener.onEvent(new NetworkEvent.NameLost(record.name(), accessPoint));
      }
    }
  }

  private void deploy(long now, Catalogue.Entry entry, PeerRef from) {
    ServiceRecord record = entry.record();
    Chain chain = Chain.of(record);
    if (!entry.runsHere()) {
      deployer.drop(now, chain, record.withdrawn());
      if (record.withdrawn()) {
        standings.remove(chain);
        shelf.tidy();
      }
      return;
    }
    List<PeerRef> holders = new ArrayList<>(List.of(from));
    view.get().successors().stream().limit(2).forEach(holders::add);
    view.get().predecessors().stream().limit(1).forEach(holders::add);
    Key grant = entry.grants().isEmpty() ? Key.ZERO : entry.grants().get(entry.grants().size() - 1);
    String archive = record.archive();
    Standing standing = standing(chain);
    Optional<String> closed = standing.isOpen(archive) ? Optional.empty() : waves.closed(record);
    Optional<Standing.Setback> setback = standing.setbackOf(archive);
    Optional<Edition> before = setback.flatMap(it -> chronicle.edition(chain, it.back()));
    Optional<Edition> here;
    if (closed.isPresent()) {
      here = record.plan().base();
    } else {
      if (waited(chain, archive)) {
        AuditEntry.What what =
            record.plan().base().isPresent() ? AuditEntry.What.UPGRADE : AuditEntry.What.INSTALL;
        listener.onAudit(AuditEntry.done(what, record, from.id(), "its wave is open"));
      }
      standings.put(chain, standing.opened(archive));
      here = Optional.of(before.orElse(record.edition()));
    }
    deployer.want(
        now,
        new Deployer.Order(
            record,
            here,
            closed.orElse(""),
            before.isPresent() && closed.isEmpty() ? setback.orElseThrow().why() : "",
            catalogue.accessPoint(record),
            grant,
            holders));
  }

  /** Whether this peer's wave for an archive was closed until now. */
  private boolean waited(Chain chain, String archive) {
    return deployer
        .slots()
        .of(chain)
        .filter(slot -> !slot.waits.isEmpty())
        .flatMap(slot -> Optional.ofNullable(slot.inForce))
        .filter(present -> present.archive().equals(archive))
        .isPresent();
  }

  /** Forgets services that ended long ago. */
  void expire(long now) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      ServiceRecord record = entry.record();
      if (admission.forgotten(record)) {
        Chain chain = Chain.of(record);
        catalogue.remove(chain);
        chronicle.forget(chain);
        standings.remove(chain);
        accessPoints.remove(chain);
        waves.forget(chain);
        store.forget(record);
        arrange(now, record.name());
        changed.accept(now);
      }
    }
  }

  /** Looks again at what depends on the clock, on others' health, and on what has crashed here. */
  void review(long now) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      Optional<Slot> slot = deployer.slots().of(Chain.of(entry.record()));
      slot.ifPresent(it -> review(now, entry, it));
    }
  }

  /** The same for what is reached at one place, at once. */
  void review(long now, String accessPoint, String instance) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      deployer
          .slots()
          .of(Chain.of(entry.record()))
          .filter(slot -> slot.accessPoint.equals(accessPoint))
          .filter(slot -> slot.chain.instance().equals(instance))
          .ifPresent(slot -> review(now, entry, slot));
    }
  }

  private void review(long now, Catalogue.Entry entry, Slot slot) {
    ServiceRecord record = entry.record();
    if (!slot.waits.isEmpty() && record.equals(slot.inForce)) {
      Optional<String> closed = waves.closed(record);
      if (closed.isEmpty()) {
        deploy(now, entry, view.get().self());
        save(entry);
        changed.accept(now);
      } else {
        slot.waits = closed.get();
      }
    }
    Assignment running = slot.running;
    Optional<Deployment.Vitals> vitals = deployment.vitals(slot.accessPoint, slot.chain.instance());
    if (running != null && slot.job == null && slot.setback.isEmpty()) {
      vitals
          .filter(it -> it.phase() == ServiceStatus.Phase.REVERTED)
          .filter(it -> !it.archive().equals(running.archive()))
          .ifPresent(it -> reverted(now, entry, slot, running, it));
    }
    if (running != null && running.equals(slot.running)) {
      boolean others = running.archive().equals(record.archive()) && waves.awaited(record);
      deployment.awaited(running, slot.accessPoint, others);
    }
    if (record.plan().schedule().staged() && slot.waits.isEmpty()) {
      report(now, record, slot, vitals);
    }
  }

  /** Tells the others how the new version does here, once that is known. */
  private void report(
      long now, ServiceRecord record, Slot slot, Optional<Deployment.Vitals> vitals) {
    boolean stopped = vitals.filter(it -> it.phase() == ServiceStatus.Phase.STOPPED).isPresent();
    HealthReport.State state;
    if (!slot.setback.isEmpty()) {
      state = HealthReport.State.REVERTED;
    } else if (slot.gaveUp() || stopped) {
      state = HealthReport.State.FAILED;
    } else if (Assignment.target(record).equals(slot.running)) {
      state = HealthReport.State.ACTIVE;
    } else {
      return;
    }
    boolean runs = state == HealthReport.State.ACTIVE;
    health.say(
        now,
        record,
        state,
        waves.waveOf(record),
        vitals.filter(it -> runs).map(Deployment.Vitals::now).orElse(Deployment.Tally.NONE),
        vitals.filter(it -> runs).map(Deployment.Vitals::before).orElse(Deployment.Tally.NONE));
  }

  private void reverted(
      long now, Catalogue.Entry entry, Slot slot, Assignment gone, Deployment.Vitals vitals) {
    Standing.Setback setback =
        new Standing.Setback(gone.archive(), vitals.archive(), vitals.detail());
    standings.put(slot.chain, standing(slot.chain).setback(setback));
    listener.onAudit(
        AuditEntry.done(
            AuditEntry.What.REVERT, entry.record(), view.get().self().id(), vitals.detail()));
    Optional<Edition> back = chronicle.edition(slot.chain, vitals.archive());
    if (back.isPresent()) {
      deployer.reverted(slot, new Assignment(entry.record(), back.get()), vitals.detail());
    }
    save(entry);
    changed.accept(now);
  }

  /** Whether anybody may have an archive without a grant: some record of its chain shares it. */
  boolean shares(String archive) {
    for (Catalogue.Entry entry : catalogue.entries()) {
      ServiceRecord record = entry.record();
      if (!record.withdrawn()
          && (shares(record.edition(), archive)
              || record.plan().base().filter(base -> shares(base, archive)).isPresent()
              || (record.sharable()
                  && chronicle
                      .edition(Chain.of(record), archive)
                      .filter(Edition::sharable)
                      .isPresent()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether an archive belongs to a chain, now or before. */
  boolean has(Catalogue.Entry entry, String archive) {
    return entry.record().archive().equals(archive)
        || chronicle.edition(Chain.of(entry.record()), archive).isPresent();
  }

  private static boolean shares(Edition edition, String archive) {
    return edition.sharable() && edition.archive().equals(archive);
  }

  /** What is known and runs at this moment. */
  ServiceDirectory directory() {
    Map<String, List<ServiceDirectory.Entry>> services = new HashMap<>();
    Map<String, List<ServiceRecord>> ended = new HashMap<>();
    for (Catalogue.Entry entry : catalogue.entries()) {
      if (entry.record().withdrawn()) {
        ended
            .computeIfAbsent(catalogue.accessPoint(entry.record()), key -> new ArrayList<>())
            .add(entry.record());
        continue;
      }
      Optional<Slot> slot = deployer.slots().of(Chain.of(entry.record()));
      services
          .computeIfAbsent(catalogue.accessPoint(entry.record()), key -> new ArrayList<>())
          .add(
              new ServiceDirectory.Entry(
                  entry.record(),
                  slot.map(Slot::servedEpoch).orElse(0L),
                  slot.flatMap(Slot::version),
                  entry.runsHere()));
    }
    return new ServiceDirectory(services, ended);
  }
}
