// p2pkit membership administrator: names a key that may ban peers.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.ban.AdministratorCertificate;
import dev.p2pkit.peer.cli.output.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs an administrator's certificate. */
@Command(
    name = "administrator",
    description = {
      "Names an administrator: the holder of an owner key ('p2pkit service key') who may ban peers.",
      "The certificate is what 'p2pkit ban --administrator' takes."
    })
final class MembershipAdministratorCommand extends CertifyingCommand {
  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The administrator's public key, 64 hexadecimal digits.")
  String key = "";

  @Override
  public Integer call() {
    AdministratorCertificate certificate =
        AdministratorCertificate.issue(loadRoot(), publicKey(key), network, expires());
    return handOut(
        Output.object(), certificate.expires(), certificate.toText(), "an administrator");
  }
}
