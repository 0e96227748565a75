// Options that install and update share.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.InstallOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How an archive is put to use. */
final class ArchiveOptions {
  @Option(
      names = "--instance",
      paramLabel = "NAME",
      description = "Tells several processors at one access point apart; \"1\" by default.")
  String instance = "1";

  @Option(names = "--sealed", description = "Later versions are refused (not upgradeable).")
  boolean sealed;

  @Option(
      names = "--private",
      description = "Peers that join later do not get the service (not sharable).")
  boolean notSharable;

  @Option(
      names = "--restricted",
      description =
          "Only callers with a service ticket are answered; an upgrade keeps what was said before.")
  boolean restricted;

  @Option(names = "--unrestricted", description = "Everybody is answered again.")
  boolean unrestricted;

  @Option(
      names = "--owner-key",
      paramLabel = "FILE",
      description =
          "The key that signs the install; made if the file does not exist. Default: the one in"
              + " your configuration directory.")
  Optional<Path> ownerKey = Optional.empty();

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "How long to wait for the peers' reports; 30s by default.")
  Duration deadline = InstallOptions.DEFAULT.deadline();

  @Mixin RolloutOptions waves = new RolloutOptions();

  /** Fails with {@link IllegalArgumentException} for a name or a roll-out that is none. */
  InstallOptions options(Optional<String> name) {
    if (sealed && waves.rollout().isPresent()) {
      throw new IllegalArgumentException(
          "a sealed version in waves could be neither paused nor taken back; leave --sealed out and"
              + " seal it when it has reached all peers, or leave the waves out");
    }
    return new InstallOptions(
        name, instance, !sealed, !notSharable, ownerKey, deadline, waves.rollout(), callers());
  }

  private InstallOptions.Callers callers() {
    if (restricted && unrestricted) {
      throw new IllegalArgumentException("say either --restricted or --unrestricted");
    }
    return restricted
        ? InstallOptions.Callers.TICKET_HOLDERS
        : unrestricted ? InstallOptions.Callers.ANYBODY : InstallOptions.Callers.AS_BEFORE;
  }
}
