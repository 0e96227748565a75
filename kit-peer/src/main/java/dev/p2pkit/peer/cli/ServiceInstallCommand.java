// p2pkit service install: a jar becomes a service on every peer.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Installs an archive on all peers. */
@Command(name = "install", description = "Installs a service from its jar on every peer.")
final class ServiceInstallCommand extends ClientCommand {
  @Parameters(paramLabel = "JAR", description = "The service's archive.")
  Path jar = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The service's name and access point; a fresh one by default.")
  Optional<String> name = Optional.empty();

  @Mixin ArchiveOptions archive = new ArchiveOptions();

  private @Nullable InstallOptions options;

  @Override
  void check() {
    try {
      options = archive.options(name);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    ServiceHandle handle = await(client.install(Archive.of(jar), Objects.requireNonNull(options)));
    ServiceStatus status = await(handle.status());
    if (json) {
      output().json(ServiceView.json(status));
    } else {
      output().line("installed " + handle.name());
      ServiceView.print(status, output());
    }
    return Main.DONE;
  }
}
