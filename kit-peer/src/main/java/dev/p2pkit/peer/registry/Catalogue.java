// The records that are in force, and the rules by which one takes the place of another.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.RegistryMessage.Item;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One record for each chain. The rules do not depend on the order in which records arrive: peers
 * that have seen the same records hold the same ones.
 */
final class Catalogue {
  /** Into how many parts the records fall for a comparison. */
  static final int BUCKETS = 64;

  /** How many grants of a chain are remembered. */
  private static final int MAX_GRANTS = 8;

  /**
   * Of two records of a chain the greater is in force. A sealed record ends its chain, so it beats
   * all that claim to follow it, but for the end of the service. Otherwise the owner's generation
   * decides, so that what is signed with a revoked right never beats the revocation, whatever its
   * epoch; then epoch, clock and hash.
   */
  static final Comparator<ServiceRecord> ORDER =
      Comparator.comparingInt(Catalogue::finality)
          .thenComparing(ServiceRecord::generation)
          .thenComparing(record -> record.upgradeable() ? record.epoch() : -record.epoch())
          .thenComparing(ServiceRecord::hlc)
          .thenComparing(ServiceRecord::hash);

  private static final Comparator<ServiceRecord> CLAIM =
      Comparator.comparingLong(ServiceRecord::claimHlc).thenComparing(ServiceRecord::claimHash);

  private static int finality(ServiceRecord record) {
    if (record.upgradeable()) {
      return 0;
    }
    return record.withdrawn() ? 2 : 1;
  }

  /** Whether nothing of its chain that has a later epoch beats it. */
  static boolean isFinal(ServiceRecord record) {
    return finality(record) == 2;
  }

  private final NavigableMap<Chain, Entry> entries = new TreeMap<>();
  private final Map<String, Chain> byHash = new HashMap<>();
  private final Predicate<ServiceRecord> trusted;
  private final Function<String, Optional<String>> holders;
  private final long[] buckets = new long[BUCKETS];
  private long digest;
  private int foreign;

  /**
   * An empty catalogue.
   *
   * @param trusted tells the owners whose claims to a name count here
   * @param holders the owner to whom the network's naming policy gives a name, if it does
   */
  Catalogue(Predicate<ServiceRecord> trusted, Function<String, Optional<String>> holders) {
    this.trusted = trusted;
    this.holders = holders;
  }

  /** A record in force and the grants that this peer was given for its chain. */
  record Entry(ServiceRecord record, List<Key> grants, boolean trusted) {
    Entry {
      grants = List.copyOf(grants);
    }

    /** Whether this peer may have the archive. */
    boolean entitled() {
      return record.sharable() || !grants.isEmpty();
    }

    /** Whether this peer is to run something of it. */
    boolean runsHere() {
      return trusted && entitled() && !record.withdrawn();
    }
  }

  Optional<Entry> get(Chain chain) {
    return Optional.ofNullable(entries.get(chain));
  }

  Optional<ServiceRecord> byHash(String hash) {
    return Optional.ofNullable(byHash.get(hash))
        .flatMap(this::get)
        .map(Entry::record)
        .filter(record -> record.hash().equals(hash));
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  int size() {
    return entries.size();
  }

  /** How many chains belong to owners that are not trusted here. */
  int foreign() {
    return foreign;
  }

  /** Puts a record in force, if it beats the present one of its chain. */
  boolean put(ServiceRecord record, Collection<Key> grants) {
    Chain chain = Chain.of(record);
    Entry present = entries.get(chain);
    if (present != null && ORDER.compare(record, present.record()) <= 0) {
      addGrants(chain, present, grants);
      return false;
    }
    List<Key> all = present == null ? List.of() : present.grants();
    Entry entry = new Entry(record, merged(all, grants), trusted.test(record));
    foreign += entry.trusted() ? 0 : 1;
    if (present != null) {
      foreign -= present.trusted() ? 0 : 1;
      byHash.remove(present.record().hash());
      mix(chain, present.record());
    }
    entries.put(chain, entry);
    byHash.put(record.hash(), chain);
    mix(chain, record);
    return true;
  }

  /** Asks again who is trusted; returns the chains for which the answer is another one now. */
  List<Chain> reassess() {
    List<Chain> changed = new ArrayList<>();
    for (Map.Entry<Chain, Entry> each : entries.entrySet()) {
      Entry before = each.getValue();
      boolean now = trusted.test(before.record());
      if (now != before.trusted()) {
        each.setValue(new Entry(before.record(), before.grants(), now));
        foreign += now ? -1 : 1;
        changed.add(each.getKey());
      }
    }
    return changed;
  }

  /** The names of all chains. */
  SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    entries.keySet().forEach(chain -> names.add(chain.name()));
    return names;
  }

  /** Forgets a chain. */
  void remove(Chain chain) {
    Entry entry = entries.remove(chain);
    if (entry != null) {
      foreign -= entry.trusted() ? 0 : 1;
      byHash.remove(entry.record().hash());
      mix(chain, entry.record());
    }
  }

  private void addGrants(Chain chain, Entry present, Collection<Key> grants) {
    List<Key> all = merged(present.grants(), grants);
    entries.put(chain, new Entry(present.record(), all, present.trusted()));
  }

  private static List<Key> merged(List<Key> present, Collection<Key> more) {
    List<Key> all = new ArrayList<>(present);
    more.stream().filter(grant -> !all.contains(grant)).forEach(all::add);
    return all.subList(Math.max(0, all.size() - MAX_GRANTS), all.size());
  }

  private void mix(Chain chain, ServiceRecord record) {
    long part = Long.parseUnsignedLong(record.hash(), 0, 16, 16);
    digest ^= part;
    buckets[bucket(chain)] ^= part;
  }

  private static int bucket(Chain chain) {
    return (int) (chain.id() & (BUCKETS - 1));
  }

  /** Equal for equal sets of records. */
  long digest() {
    return digest;
  }

  List<Long> bucketDigests() {
    List<Long> list = new ArrayList<>(BUCKETS);
    for (long each : buckets) {
      list.add(each);
    }
    return list;
  }

  /** The records in some buckets, a bit for each. */
  List<Entry> in(long mask) {
    return entries.entrySet().stream()
        .filter(entry -> ((mask >>> bucket(entry.getKey())) & 1) == 1)
        .map(Map.Entry::getValue)
        .toList();
  }

  static Item item(ServiceRecord record) {
    return new Item(Chain.of(record).id(), record.generation(), record.epoch(), record.hash());
  }

  /**
   * Whose a name is: by the network's naming policy, else the trusted owner's whose claim to it was
   * first.
   */
  Optional<String> ownerOf(String name) {
    return holders.apply(name).or(() -> firstClaim(name));
  }

  private Optional<String> firstClaim(String name) {
    return named(name)
        .filter(Entry::trusted)
        .map(Entry::record)
        .min(CLAIM)
        .map(ServiceRecord::owner);
  }

  private Stream<Entry> named(String name) {
    // The chains of a name stand together; no name contains the character after which they end.
    return entries
        .subMap(new Chain(name, "", ""), new Chain(name + "\0", "", ""))
        .values()
        .stream();
  }

  /** Where a service is reached: at its name, or at its long name if the name is another's. */
  String accessPoint(ServiceRecord record) {
    return ownerOf(record.name()).map(record.owner()::equals).orElse(true)
        ? record.name()
        : record.longName();
  }

  /** The chains at an access point. */
  List<Entry> at(String accessPoint) {
    return candidates(accessPoint)
        .filter(entry -> accessPoint(entry.record()).equals(accessPoint))
        .toList();
  }

  /** All records of a name or long name, whoever owns it. */
  List<ServiceRecord> related(String accessPoint) {
    return candidates(accessPoint).map(Entry::record).toList();
  }

  private Stream<Entry> candidates(String accessPoint) {
    int mark = accessPoint.lastIndexOf('@');
    Stream<Entry> byLongName =
        mark < 1
            ? Stream.of()
            : named(accessPoint.substring(0, mark))
                .filter(entry -> entry.record().longName().equals(accessPoint));
    return Stream.concat(named(accessPoint), byLongName);
  }
}
