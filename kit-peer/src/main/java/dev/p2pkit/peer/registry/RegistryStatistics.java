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
 *     {@code ended} (its service ended so long ago that nobody needs to know), {@code flood} (from
 *     a peer that has sent too many forged ones, or too many of owners that are not trusted here);
 *     {@code health}: reports that others had sealed; and {@code asked}: questions that were not
 *     answered, as the peer had been told too much in a short time
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
