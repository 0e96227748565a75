// Whom a message on the command line is for: a peer, the owner of a key or of a value's hash, or an
// address.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.json.JsonTree;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.SendOptions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Option;

/** Exactly one of {@code --peer}, {@code --key}, {@code --hash} and {@code --to}. */
final class Target {
  @Option(names = "--peer", required = true, paramLabel = "ID", description = "This peer.")
  Optional<PeerId> peer = Optional.empty();

  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The owner of this key, 32 hexadecimal digits.")
  Optional<Key> key = Optional.empty();

  @Option(
      names = "--hash",
      required = true,
      paramLabel = "JSON",
      description = "The owner of the key of this JSON value; see 'p2pkit hash'.")
  Optional<String> hash = Optional.empty();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ADDRESS",
      description = "An address as 'p2pkit listen' prints it; ACCESS-POINT is then '-'.")
  Optional<Address> address = Optional.empty();

  /** The key that is addressed, unless it is a peer. */
  private Key wantedKey() {
    return key.orElseGet(() -> Key.hash(JsonTree.parse(hash.orElseThrow())));
  }

  /** Whether somebody is named; fails with {@link IllegalArgumentException} otherwise. */
  void check(String accessPoint) {
    if (peer.isEmpty() && key.isEmpty() && hash.isEmpty() && address.isEmpty()) {
      throw new IllegalArgumentException(
          "say whom the message is for: --peer ID, --key KEY, --hash JSON or --to ADDRESS");
    }
    hash.ifPresent(JsonTree::parse);
    if (address.isPresent() != accessPoint.equals("-")) {
      throw new IllegalArgumentException(
          "with --to, and only then, write '-' as the access point: it is part of the address");
    }
  }

  CompletableFuture<Receipt> send(
      Network network, String accessPoint, Payload body, SendOptions options) {
    if (address.isPresent()) {
      return network.sendTo(address.get(), body, options);
    }
    return peer.isPresent()
        ? network.sendPeer(peer.get(), accessPoint, body, options)
        : network.sendKey(wantedKey(), accessPoint, body, options);
  }

  CompletableFuture<Payload> rpc(
      Network network, String accessPoint, Payload body, SendOptions options) {
    if (address.isPresent()) {
      return network.rpcTo(address.get(), body, Payload.class, options);
    }
    return peer.isPresent()
        ? network.rpcPeer(peer.get(), accessPoint, body, Payload.class, options)
        : network.rpcKey(wantedKey(), accessPoint, body, Payload.class, options);
  }
}
