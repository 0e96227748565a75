// Which archives of its services a peer keeps, and which it deletes.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps of each chain what its record in force names, what runs here or is on its way into use,
 * what the runtime may still go back to, and beyond that the latest archives up to a number: what
 * an owner can roll back to without bringing it again. The others are deleted; so are those of a
 * chain that has ended, and files that no record names.
 */
final class ArchiveShelf {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveShelf.class);

  private final int keep;
  private final Catalogue catalogue;
  private final Chronicle chronicle;
  private final Deployer deployer;
  private final Deployment deployment;
  private final BiPredicate<Catalogue.Entry, String> belongs;
  private final Consumer<String> forget;
  private final Map<Chain, Set<String>> seen = new HashMap<>();

  /** Chains of which something may be too much now. */
  private final Set<Chain> open = new TreeSet<>();

  private long deleted;

  /**
   * Knows no archive yet.
   *
   * @param keep how many of a chain are kept that runs, the one in force included
   * @param belongs whether an archive is one of a chain's
   * @param forget deletes an archive
   */
  ArchiveShelf(
      int keep,
      Catalogue catalogue,
      Chronicle chronicle,
      Deployer deployer,
      Deployment deployment,
      BiPredicate<Catalogue.Entry, String> belongs,
      Consumer<String> forget) {
    this.keep = keep;
    this.catalogue = catalogue;
    this.chronicle = chronicle;
    this.deployer = deployer;
    this.deployment = deployment;
    this.belongs = belongs;
    this.forget = forget;
  }

  /** How many archives were deleted. */
  long deleted() {
    return deleted;
  }

  /** There is a record that names archives. */
  void note(ServiceRecord record) {
    Chain chain = Chain.of(record);
    Set<String> archives = seen.computeIfAbsent(chain, it -> new TreeSet<>());
    archives.add(record.archive());
    record.plan().base().ifPresent(base -> archives.add(base.archive()));
    open.add(chain);
  }

  /** Files that were here at the start: those that no record names go. */
  void sweep(Set<String> atStart) {
    Set<String> named = new HashSet<>();
    seen.values().forEach(named::addAll);
    for (String archive : atStart) {
      if (!named.contains(archive)) {
        delete(archive, "no record names it");
      }
    }
  }

  /** Deletes what is not needed any more; what still may be is looked at again next time. */
  void tidy() {
    for (Chain chain : List.copyOf(open)) {
      if (tidy(chain)) {
        open.remove(chain);
      }
    }
  }

  private boolean tidy(Chain chain) {
    @Nullable Slot slot = deployer.slots().of(chain).orElse(null);
    if (slot != null && (slot.job != null || slot.queued != null || slot.moving)) {
      return false;
    }
    Set<String> kept = kept(chain, slot);
    Set<String> used =
        slot == null ? Set.of() : deployment.archivesInUse(slot.accessPoint, chain.instance());
    Set<String> archives = seen.getOrDefault(chain, Set.of());
    for (String archive : List.copyOf(archives)) {
      if (!kept.contains(archive) && !used.contains(archive)) {
        archives.remove(archive);
        if (!neededElsewhere(chain, archive)) {
          delete(archive, "a version of " + chain.name() + " that nothing goes back to");
        }
      }
    }
    if (archives.isEmpty()) {
      seen.remove(chain);
    }
    return kept.containsAll(used);
  }

  private Set<String> kept(Chain chain, @Nullable Slot slot) {
    Set<String> kept = new HashSet<>();
    if (slot != null && slot.running != null) {
      kept.add(slot.running.archive());
    }
    if (slot != null && slot.desired != null) {
      kept.add(slot.desired.archive());
    }
    catalogue
        .get(chain)
        .map(Catalogue.Entry::record)
        .filter(record -> !record.withdrawn())
        .ifPresent(record -> keep(chain, record, kept));
    return kept;
  }

  private void keep(Chain chain, ServiceRecord inForce, Set<String> kept) {
    kept.add(inForce.archive());
    inForce.plan().base().ifPresent(base -> kept.add(base.archive()));
    List<ServiceRecord> past = chronicle.of(chain);
    for (int i = past.size() - 1; i >= 0 && kept.size() < keep; i--) {
      kept.add(past.get(i).archive());
    }
  }

  private boolean neededElsewhere(Chain chain, String archive) {
    return catalogue.entries().stream()
        .filter(entry -> !entry.record().withdrawn() && !Chain.of(entry.record()).equals(chain))
        .anyMatch(entry -> belongs.test(entry, archive));
  }

  private void delete(String archive, String why) {
    LOG.info("the archive {} is deleted: {}", archive, why);
    deleted++;
    forget.accept(archive);
  }
}
