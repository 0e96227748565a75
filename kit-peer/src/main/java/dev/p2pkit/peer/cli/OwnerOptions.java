// Options of the commands by which an owner changes what is in force.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.InstallOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which instance, with which key, and how long to wait. */
final class OwnerOptions {
  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description = "Which instance of the service; \"1\" by default.")
  String instance = "1";

  @Option(
      names = "--owner-key",
      paramLabel = "FILE",
      description = "The key that signs. Default: the one in your configuration directory.")
  Optional<Path> ownerKey = Optional.empty();

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "How long to wait for the peers' reports; 30s by default.")
  Duration deadline = InstallOptions.DEFAULT.deadline();

  /** Fails with {@link IllegalArgumentException} for a name that is none. */
  InstallOptions options(String name) {
    return new InstallOptions(
        Optional.of(name),
        instance,
        true,
        true,
        ownerKey,
        deadline,
        Optional.empty(),
        InstallOptions.Callers.AS_BEFORE);
  }
}
