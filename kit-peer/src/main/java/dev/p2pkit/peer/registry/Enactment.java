// Puts records in force on this peer: keeps them, names them, and has them run.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import java.util.ArrayList;
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
  private final Admission admission;
  private final Deployer deployer;
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
      Admission admission,
      Deployer deployer,
      RecordStore store,
      RegistryListener listener,
      Supplier<RingView> view,
      Function<ServiceRecord, Optional<Key>> prepared,
      LongConsumer changed) {
    this.catalogue = catalogue;
    this.admission = admission;
    this.deployer = deployer;
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

  /** Reads the store. */
  void load(long now) {
    for (RecordStore.Kept kept : store.load()) {
      catalogue.put(kept.record(), kept.grants());
    }
    for (Catalogue.Entry entry : List.copyOf(catalogue.entries())) {
      arrange(now, entry.record().name());
      deploy(now, entry, view.get().self());
    }
  }

  @Override
  public Admission.Verdict take(long now, PeerRef from, ServiceRecord record) {
    Admission.Verdict verdict = admission.judge(record);
    if (verdict == Admission.Verdict.FRESH) {
      enact(now, from, record, prepared.apply(record).orElse(Key.ZERO));
    }
    return verdict;
  }

  @Override
  public void enact(long now, PeerRef from, ServiceRecord record, Key grant) {
    List<Key> grants = grant.equals(Key.ZERO) ? List.of() : List.of(grant);
    if (catalogue.put(record, grants)) {
      accepted++;
    }
    catalogue.get(Chain.of(record)).ifPresent(entry -> keep(now, from, entry));
  }

  private void keep(long now, PeerRef from, Catalogue.Entry entry) {
    store.save(new RecordStore.Kept(entry.record(), entry.grants()));
    arrange(now, entry.record().name());
    deploy(now, entry, from);
    changed.accept(now);
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
            "owner {} has lost the name {} to an earlier claim; its service is reachable as {}",
            OwnerKey.fingerprint(record.owner()),
            record.name(),
            accessPoint);
        listener.onEvent(new NetworkEvent.NameLost(record.name(), accessPoint));
      }
    }
  }

  private void deploy(long now, Catalogue.Entry entry, PeerRef from) {
    ServiceRecord record = entry.record();
    if (!entry.trusted() || !entry.entitled()) {
      deployer.drop(now, Chain.of(record));
      return;
    }
    List<PeerRef> holders = new ArrayList<>(List.of(from));
    view.get().successors().stream().limit(2).forEach(holders::add);
    view.get().predecessors().stream().limit(1).forEach(holders::add);
    Key grant = entry.grants().isEmpty() ? Key.ZERO : entry.grants().get(entry.grants().size() - 1);
    deployer.want(now, record, catalogue.accessPoint(record), grant, holders);
  }

  /** What is known and runs at this moment. */
  ServiceDirectory directory() {
    Map<String, List<ServiceDirectory.Entry>> services = new HashMap<>();
    for (Catalogue.Entry entry : catalogue.entries()) {
      Optional<Slot> slot = deployer.slot(Chain.of(entry.record()));
      boolean here = entry.trusted() && entry.entitled();
      services
          .computeIfAbsent(catalogue.accessPoint(entry.record()), key -> new ArrayList<>())
          .add(
              new ServiceDirectory.Entry(
                  entry.record(), slot.map(Slot::activeEpoch).orElse(0L), here));
    }
    return new ServiceDirectory(services);
  }
}
