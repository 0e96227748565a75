// A few peers in this JVM, on real sockets, that trust one owner key.
package dev.p2pkit.samples;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Peers that are closed together. */
final class SampleRing implements AutoCloseable {
  private final Path directory;
  private final List<Peer> peers = new ArrayList<>();

  private SampleRing(Path directory) {
    this.directory = directory;
  }

  static SampleRing of(int size, Path directory) {
    SampleRing ring = new SampleRing(directory);
    for (int i = 0; i < size; i++) {
      ring.add();
    }
    return ring;
  }

  Peer add() {
    List<String> points = peers.stream().map(Peer::entryPoint).toList();
    Peer peer =
        Peer.builder()
            .dataDirectory(directory.resolve("peer-" + peers.size()))
            .entryPoints(points)
            .joinMode(points.isEmpty() ? JoinMode.CREATE : JoinMode.JOIN_ONLY)
            // The same key everywhere; a peer trusts its own.
            .ownerKey(directory.resolve("owner.key"))
            .start()
            .join();
    peers.add(peer);
    return peer;
  }

  Peer first() {
    return peers.get(0);
  }

  List<Peer> peers() {
    return List.copyOf(peers);
  }

  Client client() {
    return Client.connect(List.of(first().clientTicket(Duration.ofHours(1)))).join();
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
  }
}
