// p2pkit service revoke: all tickets of a service end.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/** Revokes. */
@Command(
    name = "revoke",
    description =
        "Ends all tickets of a service, and what was handed on with them; new ones can be issued.")
final class ServiceRevokeCommand extends ServiceControlCommand {
  @Override
  CompletableFuture<UpdateReport> change(ServiceControl control) {
    return control.revoke();
  }
}
