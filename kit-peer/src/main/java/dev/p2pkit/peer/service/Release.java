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
 *     until the one after it has survived its probation, because a revert loads it again Archives
 *     of a peer lie side by side, each named by its hash with {@code .jar} behind
 * @param lineage the same for all releases that follow one first install, and for no other: a state
 *     on the disk is theirs alone. At most 128 characters
 * @param discardSince for a rollback: whether the state before the upgrade may be taken where there
 *     is no way back for the present one, though the turns since are lost
 */
public record Release(
    ServiceKey key,
    long epoch,
    String archiveHash,
    Path archiveFile,
    String lineage,
    boolean discardSince) {
  /** A release of the one lineage that there is. */
  public Release(ServiceKey key, long epoch, String archiveHash, Path archiveFile) {
    this(key, epoch, archiveHash, archiveFile, "", false);
  }

  /** The same, for a rollback that may lose the turns since the upgrade. */
  public Release discardingSince() {
    return new Release(key, epoch, archiveHash, archiveFile, lineage, true);
  }

  /** Another release of the lineage; its archive is beside this one's, if it is still here. */
  Release sibling(long itsEpoch, String itsHash) {
    return new Release(
        key, itsEpoch, itsHash, archiveFile.resolveSibling(itsHash + ".jar"), lineage, false);
  }
}
