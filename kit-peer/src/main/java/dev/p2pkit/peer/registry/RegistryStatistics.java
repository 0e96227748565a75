// The registry's counters.
package dev.p2pkit.peer.registry;

import java.util.Map;

/**
 * What a registry has seen since its start.
 *
 * @param records how many records are in force, of all owners
 * @param quarantined how many wait because their clock is ahead
 * @param accepted records that changed something
 * @param refused records that were not taken, by reason: {@code signature}, {@code stale}, {@code
 *     sealed}, {@code skew}, {@code quota}, {@code malformed}, {@code format} (of another version),
 *     {@code untrusted}, {@code owner}, {@code name} (the naming policy gives it to another),
 *     {@code ended} (its service ended so long ago that nobody needs to know); and {@code health}:
 *     reports that others had sealed
 * @param archivesDeleted archives that were deleted because nothing needs them any more
 * @param unstored how often a record could not be written to the disk; it is tried again
 */
public record RegistryStatistics(
    int records,
    int quarantined,
    long accepted,
    Map<String, Long> refused,
    long archivesDeleted,
    long unstored) {
  /** Copies the map. */
  public RegistryStatistics {
    refused = Map.copyOf(refused);
  }
}
