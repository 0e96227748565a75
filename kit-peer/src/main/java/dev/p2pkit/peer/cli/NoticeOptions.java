// Who signs a notice, and where it goes: what the commands that ban and that trust share.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.notice.AdministratorCertificate;
import dev.p2pkit.overlay.transport.NetworkRoot;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** Options of the commands that sign a notice. */
class NoticeOptions {
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
          "Prints the notice instead: sign where the key is, publish elsewhere with --notice.")
  boolean print;

  /** Whose signature it is. */
  static final class Signature {
    /** The raw public key. */
    final byte[] key;

    /** By what right, unless the key is the root's. */
    final Optional<AdministratorCertificate> certificate;

    /** Signs bytes. */
    final UnaryOperator<byte[]> sign;

    private Signature(
        byte[] key, Optional<AdministratorCertificate> certificate, UnaryOperator<byte[]> sign) {
      this.key = key;
      this.certificate = certificate;
      this.sign = sign;
    }
  }

  /** Loads the key, after checking that the options make sense together. */
  final Signature signature(KitCommand command) {
    if (root.isPresent() == administrator.isPresent()) {
      throw command.usage("say who signs: either --root FILE or --administrator FILE");
    }
    checkWay(command);
    if (root.isPresent()) {
      NetworkRoot key = NetworkRoot.load(root.get());
      return new Signature(key.rawPublicKey(), Optional.empty(), key::sign);
    }
    AdministratorCertificate certificate =
        AdministratorCertificate.read(administrator.orElseThrow());
    OwnerKey key = OwnerKey.loadOrCreate(ownerKey);
    return new Signature(key.publicKey(), Optional.of(certificate), key::sign);
  }

  final void checkWay(KitCommand command) {
    if (dataDirectory.isPresent() == print) {
      throw command.usage("say where the notice goes: either --data-dir DIR or --print");
    }
  }

  /** Has the running peer publish a notice, if one is named. */
  final void send(String line) {
    dataDirectory.ifPresent(directory -> ControlSocket.ask(directory, line));
  }
}
