// p2pkit membership root: makes the key that signs who is a member.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a root key; needs no network. */
@Command(
    name = "root",
    description = "Makes the root key of a network. Keep it off line; peers do not need it.")
final class MembershipRootCommand extends KitCommand {
  @Parameters(paramLabel = "FILE", description = "Where the key is written; must not exist.")
  Path file = Path.of("network-root.key");

  @Override
  public Integer call() {
    String publicKey = HexFormat.of().formatHex(NetworkRoot.create(file).rawPublicKey());
    if (json) {
      output().json(Output.object().put("file", file.toString()).put("publicKey", publicKey));
    } else {
      output().line("network root " + publicKey + " in " + file);
    }
    return Main.DONE;
  }
}
