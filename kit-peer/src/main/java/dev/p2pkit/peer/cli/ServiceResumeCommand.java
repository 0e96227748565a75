// p2pkit service resume: a paused roll-out goes on.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Takes a pause back. */
@Command(
    name = "resume",
    description =
        "Lets a paused roll-out go on: each wave opens by its time and the health of those before;"
            + " none is opened by hand.")
final class ServiceResumeCommand extends ServiceControlCommand {
  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    return control.resume();
  }
}
