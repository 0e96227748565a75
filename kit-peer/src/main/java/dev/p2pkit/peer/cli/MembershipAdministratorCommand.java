// p2pkit membership administrator: names a key that may ban peers.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.ban.AdministratorCertificate;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs an administrator's certificate; needs no network. */
@Command(
    name = "administrator",
    description = {
      "Names an administrator: the holder of an owner key ('p2pkit service key') who may ban peers.",
      "The certificate is what 'p2pkit ban --administrator' takes."
    })
final class MembershipAdministratorCommand extends KitCommand {
  @Option(
      names = "--root",
      required = true,
      paramLabel = "FILE",
      description = "The network's root key.")
  Path root = Path.of("network-root.key");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The administrator's public key, 64 hexadecimal digits.")
  String key = "";

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The network's name; p2pkit by default.")
  String network = "p2pkit";

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      description = "For how long, for example 90d; 365d by default.")
  Duration validity = Duration.ofDays(365);

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the certificate is written; must not exist. Printed otherwise.")
  Optional<Path> out = Optional.empty();

  @Override
  public Integer call() {
    byte[] administrator;
    try {
      administrator = HexFormat.of().parseHex(key);
    } catch (IllegalArgumentException e) {
      throw usage("a public key has hexadecimal digits only");
    }
    if (administrator.length != 32) {
      throw usage("a public key has 64 hexadecimal digits, not " + key.length());
    }
    AdministratorCertificate certificate =
        AdministratorCertificate.issue(
            NetworkRoot.load(root), administrator, network, Instant.now().plus(validity));
    out.ifPresent(file -> MembershipCertifyCommand.write(file, certificate.toText()));
    if (json) {
      output()
          .json(
              Output.object()
                  .put("network", certificate.network())
                  .put("expires", certificate.expires().toString())
                  .put("certificate", certificate.toText()));
    } else if (out.isPresent()) {
      output().line("an administrator until " + certificate.expires());
    } else {
      output().line(certificate.toText());
    }
    return Main.DONE;
  }
}
