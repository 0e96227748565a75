// p2pkit service rollback: the version before comes back.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Goes back. */
@Command(
    name = "rollback",
    description = "Goes back to the version before on every peer, with the state carried back.")
final class ServiceRollbackCommand extends ServiceControlCommand {
  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "To the latest record with this version; see 'service history'.")
  Optional<String> version = Optional.empty();

  @Option(
      names = "--discard-since",
      description =
          "A peer whose state cannot be carried back takes the one from before the upgrade; its"
              + " turns since are lost.")
  boolean discardSince;

  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    if (discardSince) {
      return control.rollbackDiscardingSince(version);
    }
    return version.map(control::rollbackTo).orElseGet(control::rollback);
  }
}
