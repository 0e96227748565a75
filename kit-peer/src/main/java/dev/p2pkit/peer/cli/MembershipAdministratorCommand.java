// p2pkit membership administrator: names a key that may sign notices for the root.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.notice.AdministratorCertificate;
import dev.p2pkit.overlay.notice.AdministratorCertificate.Power;
import dev.p2pkit.peer.cli.output.Output;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs an administrator's certificate. */
@Command(
    name = "administrator",
    description = {
      "Names an administrator: the holder of an owner key ('p2pkit service key') who may ban peers,"
          + " or say whose services the peers run (--may).",
      "The certificate is what 'p2pkit ban' and 'p2pkit trust' take with --administrator."
    })
final class MembershipAdministratorCommand extends CertifyingCommand {
  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The administrator's public key, 64 hexadecimal digits.")
  String key = "";

  @Option(
      names = "--may",
      split = ",",
      paramLabel = "POWER",
      description = "ban, trust or both (ban,trust); ban by default.")
  List<String> may = List.of("ban");

  @Override
  public Integer call() {
    AdministratorCertificate certificate =
        AdministratorCertificate.issue(loadRoot(), publicKey(key), network, expires(), powers());
    ObjectNode fields = Output.object();
    may.forEach(fields.putArray("may")::add);
    return handOut(
        fields,
        certificate.expires(),
        certificate.toText(),
        "an administrator who may " + String.join(" and ", may));
  }

  private Set<Power> powers() {
    Set<Power> powers = EnumSet.noneOf(Power.class);
    for (String word : may) {
      powers.add(
          Arrays.stream(Power.values())
              .filter(power -> power.word().equals(word))
              .findFirst()
              .orElseThrow(() -> usage("--may takes ban, trust or both, not '" + word + "'")));
    }
    return powers;
  }
}
