// p2pkit service: installs, upgrades and shows services.
package dev.p2pkit.peer.cli;

import picocli.CommandLine.Command;

/** Groups the commands for services. */
@Command(
    name = "service",
    description = "Installs, upgrades and shows services.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServiceCheckCommand.class,
      ServiceInstallCommand.class,
      ServiceUpdateCommand.class,
      ServiceListCommand.class,
      ServiceStatusCommand.class,
      ServiceFiguresCommand.class,
      ServiceHistoryCommand.class,
      ServicePauseCommand.class,
      ServiceResumeCommand.class,
      ServicePromoteCommand.class,
      ServiceRollbackCommand.class,
      ServiceUninstallCommand.class,
      ServiceTicketCommand.class,
      ServiceRevokeCommand.class,
      ServiceKeyCommand.class
    })
final class ServiceCommand extends KitCommand {
  @Override
  public Integer call() {
    throw usage(
        "'service' is followed by check, install, update, list, status, figures, history, pause,"
            + " resume, promote, rollback, uninstall, ticket, revoke or key");
  }
}
