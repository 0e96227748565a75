// p2pkit service key: the public key that peers put on their trust list.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the public part of an owner key; needs no network. */
@Command(
    name = "key",
    description =
        "Prints the public key that signs your installs: what 'p2pkit peer --trust' takes.")
final class ServiceKeyCommand extends KitCommand {
  @Option(
      names = "--owner-key",
      paramLabel = "FILE",
      description =
          "The key's file; made if it does not exist. Default: the one in your configuration"
              + " directory.")
  Optional<Path> ownerKey = Optional.empty();

  @Override
  public Integer call() {
    OwnerKey key = OwnerKey.loadOrCreate(ownerKey);
    if (json) {
      output()
          .json(Output.object().put("publicKey", key.publicHex()).put("owner", key.fingerprint()));
    } else {
      output().line(key.publicHex());
    }
    return Main.DONE;
  }
}
