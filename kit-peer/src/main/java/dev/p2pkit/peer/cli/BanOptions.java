// Who signs a ban, and where it goes: what 'ban' and 'unban' share.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.ban.AdministratorCertificate;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.PeerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the commands that sign a notice. */
final class BanOptions {
  @Option(names = "--root", paramLabel = "FILE", description = "Signs with the network's root key.")
  Optional<Path> root = Optional.empty();

  @Option(
      names = "--administrator",
      paramLabel = "FILE",
      description =
          "Signs as an administrator: the certificate from 'p2pkit membership administrator'.")
  Optional<Path> administrator = Optional.empty();

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

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The data directory of a running peer of this machine, which tells the others.")
  Optional<Path> dataDirectory = Optional.empty();

  @Option(
      names = "--print",
      description =
          "Prints the notice instead: sign where the key is, publish elsewhere with"
              + " 'p2pkit ban --notice'.")
  boolean print;

  /** Signs a notice, after checking that the options make sense together. */
  BanNotice sign(KitCommand command, PeerId subject, boolean lifted, String reason) {
    if (root.isPresent() == administrator.isPresent()) {
      throw command.usage("say who signs: either --root FILE or --administrator FILE");
    }
    checkWay(command);
    if (root.isPresent()) {
      NetworkRoot key = NetworkRoot.load(root.get());
      return BanNotice.issue(
          network,
          subject,
          lifted,
          Instant.now(),
          reason,
          key.rawPublicKey(),
          Optional.empty(),
          key::sign);
    }
    AdministratorCertificate certificate =
        AdministratorCertificate.read(administrator.orElseThrow());
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

  private void checkWay(KitCommand command) {
    if (dataDirectory.isPresent() == print) {
      throw command.usage("say where the notice goes: either --data-dir DIR or --print");
    }
  }

  /** Has the running peer publish a notice, or prints it. */
  int publish(KitCommand command, BanNotice notice) {
    checkWay(command);
    String text = notice.toText();
    dataDirectory.ifPresent(directory -> ControlSocket.ask(directory, "ban " + text));
    Output output = command.output();
    if (command.json) {
      output.json(
          Output.object()
              .put("peer", notice.subject().toString())
              .put("banned", !notice.lifted())
              .put("by", notice.signedBy())
              .put("notice", text));
    } else if (print) {
      output.line(text);
    } else {
      output.line(
          "peer "
              + notice.subject()
              + (notice.lifted() ? " may join again" : " is banned network-wide"));
    }
    return Main.DONE;
  }
}
