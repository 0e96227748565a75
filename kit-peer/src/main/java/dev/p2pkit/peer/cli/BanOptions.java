// Who signs a ban, and where it goes: what 'ban' and 'unban' share.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.ban.AdministratorCertificate;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.sdk.PeerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Options of the commands that sign a notice. */
final class BanOptions {
  @ArgGroup(multiplicity = "1")
  Signer signer = new Signer();

  @Option(
      names = "--owner-key",
      paramLabel = "FILE",
      description =
          "With --administrator: the key that the certificate is for. Default: the one in your"
              + " configuration directory.")
  Optional<Path> ownerKey = Optional.empty();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The network's name; p2pkit by default.")
  String network = "p2pkit";

  @ArgGroup(multiplicity = "1")
  Way way = new Way();

  /** By whose right. */
  static final class Signer {
    @Option(names = "--root", required = true, paramLabel = "FILE", description = "The root key.")
    Optional<Path> root = Optional.empty();

    @Option(
        names = "--administrator",
        required = true,
        paramLabel = "FILE",
        description = "An administrator's certificate, from 'p2pkit membership administrator'.")
    Optional<Path> administrator = Optional.empty();
  }

  /** Where the notice goes. */
  static final class Way {
    @Option(
        names = "--data-dir",
        required = true,
        paramLabel = "DIR",
        description =
            "The data directory of a running peer of this machine, which tells the others.")
    Optional<Path> dataDirectory = Optional.empty();

    @Option(
        names = "--print",
        required = true,
        description =
            "Prints the notice instead: sign where the key is, publish elsewhere with"
                + " 'p2pkit ban --notice'.")
    boolean print;
  }

  /** Signs a notice. */
  BanNotice sign(PeerId subject, boolean lifted, String reason) {
    if (signer.root.isPresent()) {
      NetworkRoot root = NetworkRoot.load(signer.root.get());
      return BanNotice.issue(
          network,
          subject,
          lifted,
          Instant.now(),
          reason,
          root.rawPublicKey(),
          Optional.empty(),
          root::sign);
    }
    AdministratorCertificate certificate =
        AdministratorCertificate.read(signer.administrator.orElseThrow());
    OwnerKey key = OwnerKey.loadOrCreate(ownerKey);
    return BanNotice.issue(
        network,
        subject,
        lifted,
        Instant.now(),
        reason,
        key.publicKey(),
        Optional.of(certificate),
        key::sign);
  }
}
