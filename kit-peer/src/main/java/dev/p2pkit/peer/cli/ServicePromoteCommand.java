// p2pkit service promote: the next wave opens now.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Opens waves by hand. */
@Command(
    name = "promote",
    description = "Opens the next wave of a roll-out, or all; one that is paused goes on.")
final class ServicePromoteCommand extends ServiceControlCommand {
  @Option(names = "--all", description = "Opens all waves.")
  boolean all;

  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    return all ? control.promoteAll() : control.promote();
  }
}
