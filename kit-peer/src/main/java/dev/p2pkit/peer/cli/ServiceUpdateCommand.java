// p2pkit service update: a newer version, with the state carried over.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.UpdateReport;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Upgrades a service on all peers. */
@Command(
    name = "update",
    description = "Upgrades a service on every peer, with its state; all or none.")
final class ServiceUpdateCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Parameters(index = "1", paramLabel = "JAR", description = "The archive of the new version.")
  Path jar = Path.of("");

  @Mixin ArchiveOptions archive = new ArchiveOptions();

  @Mixin TicketSignerOption signer = new TicketSignerOption();

  private @Nullable InstallOptions options;

  @Override
  void check() {
    try {
      options = archive.options(Optional.of(name));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    ServiceHandle handle = signer.handle(client, name);
    UpdateReport report = await(handle.update(Archive.of(jar), Objects.requireNonNull(options)));
    if (json) {
      output().json(ServiceView.json(report));
    } else {
      ServiceView.print(report, output());
    }
    return Main.DONE;
  }
}
