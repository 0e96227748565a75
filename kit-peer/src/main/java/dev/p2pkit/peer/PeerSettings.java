// What a peer was started with, for programs that ask it.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.peer.OverlayConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The settings of a peer since its start; they do not change. Secrets are not among them.
 *
 * @param network the network's name
 * @param tls whether links are encrypted
 * @param successors how many peers after it a peer of this network keeps in its list, at most
 * @param predecessors how many peers before it a peer of this network keeps, at most
 * @param heartbeat how fast it notices that a peer is silent; the same for the whole network
 * @param joinMode whether it was to create or to join
 * @param installPolicy whose services it runs
 * @param dataDirectory where it keeps its files; empty if in a temporary directory
 * @param host the local address it was told to listen on
 * @param port the port it was told to listen on, 0 for any; {@link Peer#ref} has the real one
 * @param advertise what others were to dial instead, if that differs
 */
public record PeerSettings(
    String network,
    boolean tls,
    int successors,
    int predecessors,
    HeartbeatProfile heartbeat,
    JoinMode joinMode,
    InstallPolicy installPolicy,
    Optional<Path> dataDirectory,
    String host,
    int port,
    Optional<Endpoint> advertise) {

  static PeerSettings of(PeerBuilder builder, OverlayConfig overlay) {
    return new PeerSettings(
        builder.network,
        builder.tls,
        overlay.ring().successors(),
        overlay.ring().predecessors(),
        builder.heartbeat,
        builder.joinMode,
        builder.installPolicy,
        builder.dataDirectory,
        builder.host,
        builder.port,
        builder.advertise);
  }
}
