// Brings this peer's records and its neighbours' to the same state.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.RegistryMessage.Buckets;
import dev.p2pkit.peer.registry.RegistryMessage.Digest;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.Inventory;
import dev.p2pkit.peer.registry.RegistryMessage.Item;
import dev.p2pkit.peer.registry.RegistryMessage.Pull;
import dev.p2pkit.peer.registry.RegistryMessage.Records;
import dev.p2pkit.peer.registry.RegistryMessage.Want;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Anti-entropy: compares digests with a neighbour, then buckets, then inventories, and sends what
 * the other lacks. The same inventory, of everything, is what a joiner begins with.
 */
final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final long ALL = -1L;

  /** How many peers on each side count as neighbours. */
  private static final int NEIGHBOURS = 3;

  /** One comparison in this many is with a peer anywhere in the ring. */
  private static final int FAR = 4;

  /** How many comparisons with one such peer before another is drawn: each needs a link. */
  private static final int SAME_FAR = 8;

  private final RegistryConfig config;
  private final Effects effects;
  private final Courier courier;
  private final Alarms alarms;
  private final Catalogue catalogue;
  private final HealthBook health;
  private final Books books;
  private final LongConsumer whenSynchronised;
  private final Exchange exchange;
  private RingView view;
  private @Nullable PeerId far;
  private int farTurns;
  private boolean joining;
  private boolean synchronised;
  private boolean learned;
  private long giveUpAt;

  Reconciler(
      RegistryConfig config,
      Effects effects,
      Courier courier,
      Alarms alarms,
      Catalogue catalogue,
      HealthBook health,
      Books books,
      LongConsumer whenSynchronised) {
    this.config = config;
    this.effects = effects;
    this.courier = courier;
    this.alarms = alarms;
    this.catalogue = catalogue;
    this.health = health;
    this.books = books;
    this.whenSynchronised = whenSynchronised;
    this.exchange = new Exchange(alarms);
    this.view = RingView.outside(effects.self());
  }

  /** Whether this peer has had all records of a peer that had them. */
  boolean synchronised() {
    return synchronised;
  }

  /** Whether those records came from another peer: false if none was there, or none answered. */
  boolean learned() {
    return learned;
  }

  void start(long now) {
    long half = config.digestInterval() / 2;
    alarms.at(now + half + effects.random().nextLong(config.digestInterval()), this::tick);
  }

  private void tick(long now) {
    start(now);
    if (!view.joined()) {
      return;
    }
    List<PeerRef> others = new ArrayList<>();
    if (effects.random().nextInt(FAR) == 0) {
      others.add(far());
    } else {
      view.successors().stream().limit(NEIGHBOURS).forEach(others::add);
      view.predecessors().stream().limit(NEIGHBOURS).forEach(others::add);
    }
    others.removeIf(peer -> courier.isSelf(peer.id()));
    if (!others.isEmpty()) {
      PeerRef other = others.get(effects.random().nextInt(others.size()));
      courier.send(now, other, new Digest(catalogue.digest(), health.digest()));
    }
  }

  private PeerRef far() {
    Optional<PeerRef> present =
        ++farTurns < SAME_FAR && far != null ? view.find(far) : Optional.empty();
    if (present.isEmpty()) {
      present = Optional.of(view.members().get(effects.random().nextInt(view.members().size())));
      far = present.get().id();
      farTurns = 0;
    }
    return present.get();
  }

  void onView(long now, RingView newView) {
    view = newView;
    if (view.joined() && !joining) {
      joining = true;
      giveUpAt = now + config.catchUpTime();
      synchronise(now, 0);
    }
  }

  void onLink(long now, PeerId peer, LinkEvent event) {
    if (event != LinkEvent.UP) {
      exchange.lost(now, peer);
    }
  }

  /** Asks one peer after the other until one that is synchronised itself has told all it has. */
  private void synchronise(long now, int attempt) {
    List<PeerRef> candidates = new ArrayList<>(view.successors());
    view.members().stream()
        .filter(peer -> candidates.stream().noneMatch(other -> other.id().equals(peer.id())))
        .forEach(candidates::add);
    candidates.removeIf(peer -> courier.isSelf(peer.id()));
    if (candidates.isEmpty()) {
      health.compared(now);
      synchronised(now);
      return;
    }
    if (now >= giveUpAt) {
      LOG.warn("no peer has sent its records; goes on with those that are known here");
      synchronised(now);
      return;
    }
    PeerRef peer = candidates.get(attempt % candidates.size());
    long sync =
        exchange.open(
            Math.min(giveUpAt, now + config.answerTime()),
            List.of(peer),
            (then, caughtUp) -> {
              if (caughtUp) {
                learned = true;
                synchronised(then);
              } else {
                alarms.at(
                    then + config.answerTime() / 32, later -> synchronise(later, attempt + 1));
              }
            });
    courier.send(now, peer, new Inventory(sync, ALL, items(ALL)));
  }

  private void synchronised(long now) {
    synchronised = true;
    whenSynchronised.accept(now);
  }

  private List<Item> items(long mask) {
    return catalogue.in(mask).stream()
        .map(entry -> Catalogue.item(entry.record()))
        .limit(RegistryCodec.MAX_ITEMS)
        .toList();
  }

  /** Asks peers for the records at an access point; done when all have answered or it is late. */
  void pull(long now, String accessPoint, Collection<PeerRef> peers, Completion<Boolean> done) {
    long sync = exchange.open(now + config.answerTime(), peers, done);
    peers.forEach(peer -> courier.send(now, peer, new Pull(sync, accessPoint)));
  }

  void onDigest(long now, PeerRef from, Digest digest) {
    if (digest.digest() != catalogue.digest()) {
      courier.send(now, from, new Buckets(catalogue.bucketDigests()));
    }
    compareHealth(now, from, digest.health());
  }

  private void compareHealth(long now, PeerRef from, long theirs) {
    if (synchronised && theirs == health.digest()) {
      health.compared(now);
    }
    health.onDigest(now, from, theirs);
  }

  /**
   * Takes reports. Those that come before this peer knows the records that they are about say
   * nothing to it.
   */
  void onHealth(long now, PeerRef from, Health theirs) {
    health.onHealth(now, from, theirs);
    if (synchronised) {
      health.compared(now);
    }
  }

  void onBuckets(long now, PeerRef from, Buckets theirs) {
    List<Long> ours = catalogue.bucketDigests();
    long mask = 0;
    for (int bucket = 0; bucket < Catalogue.BUCKETS; bucket++) {
      if (!ours.get(bucket).equals(theirs.digests().get(bucket))) {
        mask |= 1L << bucket;
      }
    }
    if (mask != 0) {
      courier.send(now, from, new Inventory(0, mask, items(mask)));
    }
  }

  void onInventory(long now, PeerRef from, Inventory theirs) {
    Map<Long, Item> their = new HashMap<>();
    theirs.items().forEach(item -> their.put(item.chain(), item));
    List<ServiceRecord> lacking = new ArrayList<>();
    for (Catalogue.Entry entry : catalogue.in(theirs.buckets())) {
      Item ours = Catalogue.item(entry.record());
      Item item = their.remove(ours.chain());
      if (item == null || mayBeat(entry.record(), item)) {
        lacking.add(entry.record());
      }
      if (item != null && !item.hash().equals(ours.hash()) && !surelyBeats(entry.record(), item)) {
        their.put(item.chain(), item);
      }
    }
    send(now, from, theirs.sync(), lacking);
    if (!their.isEmpty()) {
      courier.send(now, from, new Want(their.values().stream().map(Item::hash).sorted().toList()));
    }
  }

  private static boolean mayBeat(ServiceRecord ours, Item theirs) {
    return !ours.hash().equals(theirs.hash())
        && (!ours.upgradeable()
            || ours.generation() > theirs.generation()
            || (ours.generation() == theirs.generation() && ours.epoch() >= theirs.epoch()));
  }

  private static boolean surelyBeats(ServiceRecord ours, Item theirs) {
    return Catalogue.isFinal(ours) && ours.epoch() < theirs.epoch();
  }

  void onWant(long now, PeerRef from, Want want) {
    // Each once, however often it is named: a record is a thousand times as long as its hash.
    Set<ServiceRecord> wanted = new LinkedHashSet<>();
    want.hashes().forEach(hash -> catalogue.byHash(hash).ifPresent(wanted::add));
    send(now, from, 0, wanted);
  }

  void onPull(long now, PeerRef from, Pull pull) {
    send(now, from, pull.sync(), catalogue.related(pull.accessPoint()));
  }

  void onRecords(long now, PeerRef from, Records records) {
    Set<ServiceRecord> better = new LinkedHashSet<>();
    for (ServiceRecord record : records.records()) {
      if (books.take(now, from, record) == Admission.Verdict.STALE) {
        catalogue.get(Chain.of(record)).ifPresent(entry -> better.add(entry.record()));
      }
    }
    // The other side holds something outdated. What beats it cannot come back as outdated.
    if (!better.isEmpty() && courier.mayAnswer(from.id())) {
      send(now, from, 0, better);
    }
    if (records.sync() != 0 && records.last()) {
      exchange.answered(now, records.sync(), from.id(), records.caughtUp());
      if (!health.hasCompared()) {
        compareHealth(now, from, records.health());
      }
    }
  }

  /** Sends records in frames of bounded size; the last one says so if anybody waits for it. */
  private void send(long now, PeerRef to, long sync, Collection<ServiceRecord> records) {
    List<ServiceRecord> frame = new ArrayList<>();
    int bytes = 0;
    for (ServiceRecord record : records) {
      int length = record.encoded().length;
      if (bytes + length > RegistryCodec.MAX_RECORDS_BYTES) {
        courier.send(now, to, new Records(sync, false, synchronised, health.digest(), frame));
        frame = new ArrayList<>();
        bytes = 0;
      }
      frame.add(record);
      bytes += length;
    }
    if (sync != 0 || !frame.isEmpty()) {
      courier.send(now, to, new Records(sync, true, synchronised, health.digest(), frame));
    }
  }
}
