// p2pkit service pause: no further wave opens.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Pauses a roll-out. */
@Command(
    name = "pause",
    description =
        "Stops a roll-out in waves: no further wave opens; peers that have the new version keep it.")
final class ServicePauseCommand extends ServiceControlCommand {
  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    return control.pause();
  }
}
