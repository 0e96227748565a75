// p2pkit trust: whose services the peers of a network run, and whose a name is.
package dev.p2pkit.peer.cli;

import picocli.CommandLine.Command;

/** Groups the commands for trust in owners and names. */
@Command(
    name = "trust",
    description = {
      "Says whose services all peers run that know the network's root, and which owner may hold"
          + " which name.",
      "Signed by the root, or by an administrator with the power to trust; every peer verifies it"
          + " itself."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrustOwnerCommand.class,
      TrustRevokeCommand.class,
      TrustNameCommand.class,
      TrustPublishCommand.class,
      TrustListCommand.class
    })
final class TrustCommand extends KitCommand {
  @Override
  public Integer call() {
    throw usage("'trust' is followed by owner, revoke, name, publish or list");
  }
}
