// What an upgrade did on each peer.
package dev.p2pkit.sdk;

import java.util.List;

/**
 * The outcome of an install or upgrade.
 *
 * @param name the service
 * @param epoch the epoch that is now in force
 * @param peers what each peer that reported runs now, with how long the change took there
 * @param missing peers of the ring from which no report came in time; they catch up when they can
 *     be reached
 */
public record UpdateReport(
    String name, long epoch, List<ServiceStatus.OnPeer> peers, List<PeerId> missing) {
  /** Copies the lists. */
  public UpdateReport {
    peers = List.copyOf(peers);
    missing = List.copyOf(missing);
  }

  /**
   * How many of the peers that reported have come so far: in a staged roll-out some are {@link
   * ServiceStatus.Phase#ACTIVE} and the others {@link ServiceStatus.Phase#PENDING}.
   */
  public long count(ServiceStatus.Phase phase) {
    return peers.stream().filter(peer -> peer.phase() == phase).count();
  }
}
