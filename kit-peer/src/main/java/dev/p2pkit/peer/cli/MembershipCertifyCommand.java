// p2pkit membership certify: says that a peer belongs to the network.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.MembershipCertificate;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs a certificate for one peer. */
@Command(
    name = "certify",
    description = {
      "Signs a certificate of membership for one peer: what 'p2pkit peer --certificate' takes.",
      "The peer is named by its data directory, which is made with its identity if it does not exist, or by its public key."
    })
final class MembershipCertifyCommand extends CertifyingCommand {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The peer's data directory; the peer must not be running.")
  Optional<Path> dataDirectory = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "The peer's public key, 64 hexadecimal digits.")
  Optional<String> key = Optional.empty();

  @Override
  public Integer call() {
    if (dataDirectory.isPresent() == key.isPresent()) {
      throw usage("name the peer either by --data-dir or by --key");
    }
    MembershipCertificate certificate = loadRoot().issue(memberKey(), network, expires());
    return handOut(
        Output.object().put("peerId", certificate.member().toString()),
        certificate.expires(),
        certificate.toText(),
        "peer " + certificate.member() + " is a member");
  }

  private byte[] memberKey() {
    if (dataDirectory.isPresent()) {
      try (DataDirectory directory = DataDirectory.open(dataDirectory.get())) {
        return directory.identity().rawPublicKey();
      }
    }
    return publicKey(key.orElseThrow());
  }
}
