// What this peer knows and has of services, for those who ask.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.ServiceRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers from the records that are known, and from what runs. */
final class Holdings {
  private final Catalogue catalogue;
  private final Chronicle chronicle;
  private final Deployer deployer;

  /** Reads these, and changes nothing. */
  Holdings(Catalogue catalogue, Chronicle chronicle, Deployer deployer) {
    this.catalogue = catalogue;
    this.chronicle = chronicle;
    this.deployer = deployer;
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
