// An immutable picture of the services that a peer knows: what senders and deliveries read.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The services known to a peer at one moment, by access point. Immutable; readers on any thread.
 *
 * <p>The epoch that messages name is that of an access point: the sum of the epochs of its
 * instances, so that it grows with each install and upgrade of any of them.
 */
public final class ServiceDirectory {
  /** No services. */
  public static final ServiceDirectory EMPTY = new ServiceDirectory(Map.of(), Map.of());

  private final SortedMap<String, List<Entry>> services;
  private final Map<String, List<ServiceRecord>> ended;
  private final Map<String, List<ServiceRecord>> restricted;

  /**
   * With these entries; the maps are copied.
   *
   * @param ended the records of services that were withdrawn, by access point
   */
  public ServiceDirectory(
      Map<String, List<Entry>> services, Map<String, List<ServiceRecord>> ended) {
    this.ended = Map.copyOf(ended);
    TreeMap<String, List<Entry>> copy = new TreeMap<>();
    services.forEach((name, entries) -> copy.put(name, List.copyOf(entries)));
    this.services = Collections.unmodifiableSortedMap(copy);
    Map<String, List<ServiceRecord>> asking = new HashMap<>();
    copy.forEach(
        (name, entries) -> {
          List<ServiceRecord> records =
              entries.stream()
                  .map(Entry::record)
                  .filter(record -> record.edition().restricted())
                  .toList();
          if (!records.isEmpty()) {
            asking.put(name, records);
          }
        });
    restricted = Map.copyOf(asking);
  }

  /**
   * One instance.
   *
   * @param record what is in force
   * @param activeEpoch up to which epoch messages need not wait here; 0 if nothing runs, though
   *     something is to
   * @param version what runs here; empty if nothing does
   * @param here whether this peer is to run it
   */
  public record Entry(
      ServiceRecord record, long activeEpoch, Optional<String> version, boolean here) {}

  /** The access points with services, in order. */
  public List<String> accessPoints() {
    return List.copyOf(services.keySet());
  }

  /** The instances at an access point; empty if no service is known there. */
  public List<Entry> at(String accessPoint) {
    return services.getOrDefault(accessPoint, List.of());
  }

  /** The services that were withdrawn there and whose end is still remembered. */
  public List<ServiceRecord> endedAt(String accessPoint) {
    return ended.getOrDefault(accessPoint, List.of());
  }

  /** The services there that answer ticket holders only; empty for most access points. */
  public List<ServiceRecord> restrictedAt(String accessPoint) {
    return restricted.isEmpty() ? List.of() : restricted.getOrDefault(accessPoint, List.of());
  }

  /** The record in force of one owner's instance, wherever it is reached. */
  public Optional<ServiceRecord> of(String name, String instance, String owner) {
    return Stream.of(name, name + "@" + OwnerKey.fingerprint(owner))
        .flatMap(accessPoint -> at(accessPoint).stream())
        .map(Entry::record)
        .filter(
            record ->
                record.name().equals(name)
                    && record.instance().equals(instance)
                    && record.owner().equals(owner))
        .findFirst();
  }

  /** Whether a service is known there. */
  public boolean knows(String accessPoint) {
    return services.containsKey(accessPoint);
  }

  /** The epoch in force, for a message's header; 0 if no service is known there. */
  public long epochOf(String accessPoint) {
    return at(accessPoint).stream().mapToLong(entry -> entry.record().epoch()).sum();
  }

  /**
   * The epoch that runs here. A message that names a later one must wait until {@link
   * Registry#mention} has answered.
   */
  public long activeEpochOf(String accessPoint) {
    return at(accessPoint).stream().mapToLong(Entry::activeEpoch).sum();
  }
}
