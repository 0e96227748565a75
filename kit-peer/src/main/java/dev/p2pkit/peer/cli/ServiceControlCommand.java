// What the commands share by which an owner changes what is in force.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceControl;
import dev.p2pkit.sdk.UpdateReport;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Signs one record and shows what became of it. */
abstract class ServiceControlCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Mixin OwnerOptions owner = new OwnerOptions();

  @Mixin TicketSignerOption signer = new TicketSignerOption();

  private @Nullable InstallOptions options;

  @Override
  void check() {
    try {
      options = owner.options(name);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    ServiceControl control = signer.handle(client, name).control(Objects.requireNonNull(options));
    UpdateReport report = await(change(control));
    if (json) {
      output().json(ServiceView.json(report));
    } else {
      ServiceView.print(report, output());
    }
    return Main.DONE;
  }

  /** The change that the command is for. */
  abstract CompletableFuture<UpdateReport> change(ServiceControl control);
}
