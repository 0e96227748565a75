// What runs where.
package dev.p2pkit.sdk;

import java.util.List;

/**
 * A service and what each peer runs of it.
 *
 * @param name the service's name
 * @param instance the instance, {@code "1"} by default
 * @param epoch the owner's counter: 1 for the first install, one more at each upgrade
 * @param version the version in the archive's descriptor
 * @param archive the archive's SHA-256, 64 hexadecimal digits
 * @param owner the first 16 hexadecimal digits of the SHA-256 of the owner's public key
 * @param upgradeable false if it was installed sealed
 * @param sharable false if only the peers present at its install run it
 * @param peers what each peer that answered runs
 */
public record ServiceStatus(
    String name,
    String instance,
    long epoch,
    String version,
    String archive,
    String owner,
    boolean upgradeable,
    boolean sharable,
    List<OnPeer> peers) {
  /** Copies the list. */
  public ServiceStatus {
    peers = List.copyOf(peers);
  }

  /** How far a peer has come with a version. */
  public enum Phase {
    /**
     * The wave of a staged roll-out that this peer belongs to is not open: what was before goes on.
     */
    PENDING,
    /** The record is known, the archive is not here yet. */
    FETCHING,
    /** Loaded and tried on a copy of the state; not yet in use. */
    PREPARED,
    /** In use. */
    ACTIVE,
    /** Was in use, crashed repeatedly, and the version before it is back. */
    REVERTED,
    /** Could not be put to use; the detail says why. The version before it, if any, goes on. */
    FAILED,
    /** Stopped because it crashed repeatedly and there is no version to go back to. */
    STOPPED
  }

  /**
   * What one peer runs.
   *
   * @param peer the peer
   * @param phase how far it has come
   * @param epoch the epoch that runs there; 0 if none does
   * @param version the version that runs there; empty if none does
   * @param archive the SHA-256 of the archive that runs there, 64 hexadecimal digits; empty if none
   *     does
   * @param millis how long the last change took on that peer, in milliseconds
   * @param detail why it failed, or what it waits for; empty otherwise
   * @param registry a digest over all service records that the peer knows; peers with the same
   *     records have the same one. 0 where nobody asked the peer for it
   */
  public record OnPeer(
      PeerId peer,
      Phase phase,
      long epoch,
      String version,
      String archive,
      long millis,
      String detail,
      long registry) {}
}
