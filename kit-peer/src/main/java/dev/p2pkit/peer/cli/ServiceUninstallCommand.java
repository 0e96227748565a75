// p2pkit service uninstall: the service ends.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Ends a service. */
@Command(
    name = "uninstall",
    description = "Ends a service on every peer, with its state. Its name stays yours for 30 days.")
final class ServiceUninstallCommand extends ServiceControlCommand {
  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    return control.withdraw();
  }
}
