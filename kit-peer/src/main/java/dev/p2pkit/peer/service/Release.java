// Which archive a processor is to run, and where its bytes are.
package dev.p2pkit.peer.service;

import java.nio.file.Path;

/**
 * A version of a service that is to run here.
 *
 * @param key the processor
 * @param epoch the owner's counter: 1 for the first install, one more at each upgrade
 * @param archiveHash the archive's SHA-256, 64 hexadecimal digits; what the file must hash to
 * @param archiveFile the archive on this peer's disk. It must stay there while the release runs and
 *     until the one after it has survived its probation, because a revert loads it again
 * @param lineage the same for all releases that follow one first install, and for no other: a state
 *     on the disk is theirs alone. At most 128 characters
 */
public record Release(
    ServiceKey key, long epoch, String archiveHash, Path archiveFile, String lineage) {
  /** A release of the one lineage that there is. */
  public Release(ServiceKey key, long epoch, String archiveHash, Path archiveFile) {
    this(key, epoch, archiveHash, archiveFile, "");
  }
}
