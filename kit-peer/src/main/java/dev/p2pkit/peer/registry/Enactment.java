// Puts records in force on this peer: judges, names and keeps them.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that follows from a record that is better than the one before it. */
final class Enactment implements Books {
  private static final Logger LOG = LoggerFactory.getLogger(Enactment.class);

  private final Catalogue catalogue;
  private final Chronicle chronicle;
  private final Admission admission;
  private final Deployer deployer;
  private final Placement placement;
  private final ArchiveShelf shelf;
  private final RecordStore store;
  private final RegistryListener listener;
  private final Supplier<RingView> view;
  private final Function<ServiceRecord, Optional<Key>> prepared;
  private final LongConsumer changed;
  private final Map<Chain, String> accessPoints = new HashMap<>();
  private long accepted;

  /**
   * Enacts what the catalogue admits.
   *
   * @param prepared the grant with which a record was prepared here
   * @param changed called after each record
   */
  Enactment(
      Catalogue catalogue,
      Chronicle chronicle,
      Admission admission,
      Deployer deployer,
      Placement placement,
      ArchiveShelf shelf,
      RecordStore store,
      RegistryListener listener,
      Supplier<RingView> view,
      Function<ServiceRecord, Optional<Key>> prepared,
      LongConsumer changed) {
    this.catalogue = catalogue;
    this.chronicle = chronicle;
    this.admission = admission;
    this.deployer = deployer;
    this.placement = placement;
    this.shelf = shelf;
    this.store = store;
    this.listener = listener;
    this.view = view;
    this.prepared = prepared;
    this.changed = changed;
  }

  /** How many records have changed something. */
  long accepted() {
    return accepted;
  }

  /** The last records of a chain. */
  List<ServiceRecord> past(Chain chain) {
    return chronicle.of(chain);
  }

  /** Puts what was stored back in its place. */
  void load(long now, List<RecordStore.Kept> stored) {
    for (RecordStore.Kept kept : stored) {
      catalogue.put(kept.record(), kept.grants());
      placement.stands(Chain.of(kept.record()), kept.standing());
      kept.past().forEach(chronicle::add);
      chronicle.add(kept.record());
      chronicle.of(Chain.of(kept.record())).forEach(shelf::note);
    }
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      arrange(now, entry.record().name());
      if (placement.resume(now, entry)) {
        save(entry);
      }
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
    Optional<String> closed = brings ? placement.closed(record) : Optional.empty();
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
    placement.deploy(now, entry, from);
    save(entry);
    changed.accept(now);
  }

  /** Keeps a record, and how far this peer has come with it. */
  void save(Catalogue.Entry entry) {
    Chain chain = Chain.of(entry.record());
    store.save(
        new RecordStore.Kept(
            entry.record(), entry.grants(), placement.standing(chain), chronicle.of(chain)));
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
      placement.deploy(now, entry, view.get().self());
    }
    this.changed.accept(now);
  }

  /** Gives the services of a name their access points: another owner may have come first. */
  private void arrange(long now, String name) {
    for (ServiceRecord record : catalogue.related(name)) {
      Chain chain = Chain.of(record);
      String accessPoint = catalogue.accessPoint(record);
      String before = accessPoints.put(chain, accessPoint);
      if (!accessPoint.equals(before)) {
        // It may be under way here already, from when the name was free.
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

  /** Forgets services that ended long ago. */
  void expire(long now) {
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      ServiceRecord record = entry.record();
      if (admission.forgotten(record)) {
        Chain chain = Chain.of(record);
        catalogue.remove(chain);
        chronicle.forget(chain);
        accessPoints.remove(chain);
        placement.forget(chain);
        store.forget(record);
        arrange(now, record.name());
        changed.accept(now);
      }
    }
  }
}
