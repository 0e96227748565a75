// No piece is lost where a network that counts them goes from version 1 to version 2, and back.
package org.example.stock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.KitNetwork;
import dev.p2pkit.peer.testing.TestArchive;
import dev.p2pkit.peer.testing.TestNetwork;
import dev.p2pkit.peer.testing.UpgradeResult;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ServiceHandle;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

@KitNetwork(peers = 3)
class StockUpgradeTest {
  private static final Archive VERSION_1 = TestArchive.compiled(Path.of("src/test/previous"));
  private static final Archive VERSION_2 = Archive.of(Path.of("target/stock-2.jar"));

  @Test
  void noPieceIsLostInTheUpgrade(TestNetwork network) {
    UpgradeResult result =
        network
            .upgrade(VERSION_1, VERSION_2)
            .service("stock")
            .call(Put::new)
            .weight(number -> number)
            .counted(peer -> peer.rpc(new Ask("test"), Level.class).thenApply(Level::pieces))
            .answeredBy(Level.class, Level::version)
            .run();
    assertTrue(result.failures().isEmpty(), result::toString);
    assertEquals(Set.of("2"), Set.copyOf(result.versions().values()));

    // And back, by downgradeState.
    ServiceHandle stock = network.get(network.peer(0).service("stock"));
    Peer peer = network.peer(1);
    long pieces = ask(network, stock, peer).pieces();
    network.get(stock.control(network.options("stock")).rollback());
    assertEquals(new Level(pieces, "1"), ask(network, stock, peer));
  }

  private static Level ask(TestNetwork network, ServiceHandle stock, Peer peer) {
    return network.get(stock.peer(peer.peerId()).rpc(new Ask("test"), Level.class));
  }
}
