// p2pkit membership: the network's root and the certificates that it signs.
package dev.p2pkit.peer.cli;

import picocli.CommandLine.Command;

/** Groups the commands for proof of membership by certificate. */
@Command(
    name = "membership",
    description = "Makes a network's root key and signs certificates of membership with it.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      MembershipRootCommand.class,
      MembershipCertifyCommand.class,
      MembershipAdministratorCommand.class
    })
final class MembershipCommand extends KitCommand {
  @Override
  public Integer call() {
    throw usage("'membership' is followed by root, certify or administrator");
  }
}
