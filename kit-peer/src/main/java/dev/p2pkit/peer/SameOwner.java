// What a service may call because its owner owns that, too.
package dev.p2pkit.peer;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.registry.ServiceDirectory;
import dev.p2pkit.peer.rights.Caller;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A service that runs here. It is known by its lineage, not by its name, which can pass to another
 * owner while the service goes on under its long name. Thread-safe.
 */
final class SameOwner implements Caller {
  private final Supplier<ServiceDirectory> directory;
  private final String lineage;
  private volatile Optional<String> owner = Optional.empty();

  /**
   * A service.
   *
   * @param lineage the {@link ServiceRecord#claimHash} of its records
   */
  SameOwner(Supplier<ServiceDirectory> directory, String lineage) {
    this.directory = directory;
    this.lineage = lineage;
  }

  @Override
  public boolean may(ServiceRecord record) {
    if (owner.isEmpty()) {
      ServiceDirectory known = directory.get();
      owner =
          known.accessPoints().stream()
              .flatMap(accessPoint -> known.at(accessPoint).stream())
              .map(ServiceDirectory.Entry::record)
              .filter(each -> each.claimHash().equals(lineage))
              .map(ServiceRecord::owner)
              .findFirst();
    }
    return owner.filter(record.owner()::equals).isPresent();
  }
}
