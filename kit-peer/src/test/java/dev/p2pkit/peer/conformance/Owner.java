// An owner of services whose key is in a file, with a peer of its own in this process.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.get;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import java.nio.file.Path;
import java.util.List;

/**
 * Whom the peers of a test trust to install services.
 *
 * @param directory where its key lies, and the data of its peer
 */
record Owner(Path directory) {
  private Path keyFile() {
    return directory.resolve("owner.key");
  }

  /** The public key, as {@code --trust} takes it. */
  String trusted() {
    return OwnerKey.loadOrCreate(keyFile()).publicHex();
  }

  /** Founds a network with a peer that installs services in its name. */
  Peer found() {
    return get(
        Peer.builder()
            .dataDirectory(directory.resolve("caller"))
            .ownerKey(keyFile())
            .trust(List.of(trusted()))
            .joinMode(JoinMode.CREATE)
            .start());
  }
}
