// p2pkit membership certify: says that a peer belongs to the network.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.MembershipCertificate;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Signs a certificate for one peer; needs no network. */
@Command(
    name = "certify",
    description = {
      "Signs a certificate of membership for one peer: what 'p2pkit peer --certificate' takes.",
      "The peer is named by its data directory, which is made with its identity if it does not exist, or by its public key."
    })
final class MembershipCertifyCommand extends KitCommand {
  private static final int KEY_DIGITS = 64;

  @Option(
      names = "--root",
      required = true,
      paramLabel = "FILE",
      description = "The network's root key.")
  Path root = Path.of("network-root.key");

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
    if (dataDirectory.isPresent() == key.isPresent()) {
      throw usage("name the peer either by --data-dir or by --key");
    }
    MembershipCertificate certificate =
        NetworkRoot.load(root).issue(memberKey(), network, Instant.now().plus(validity));
    out.ifPresent(file -> write(file, certificate.toText()));
    if (json) {
      output()
          .json(
              Output.object()
                  .put("peerId", certificate.member().toString())
                  .put("network", certificate.network())
                  .put("expires", certificate.expires().toString())
                  .put("certificate", certificate.toText()));
    } else if (out.isPresent()) {
      output().line("peer " + certificate.member() + " is a member until " + certificate.expires());
    } else {
      output().line(certificate.toText());
    }
    return Main.DONE;
  }

  private byte[] memberKey() {
    if (dataDirectory.isPresent()) {
      try (DataDirectory directory = DataDirectory.open(dataDirectory.get())) {
        return directory.identity().rawPublicKey();
      }
    }
    String digits = key.orElseThrow();
    try {
      if (digits.length() != KEY_DIGITS) {
        throw usage(
            "a public key has " + KEY_DIGITS + " hexadecimal digits, not " + digits.length());
      }
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw usage("a public key has hexadecimal digits only");
    }
  }

  /** Writes a certificate into a new file. */
  static void write(Path file, String text) {
    try {
      Files.writeString(file, text + "\n", StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot write the certificate to "
              + file
              + " ("
              + e
              + "); name a file that does not exist in a directory you may write",
          e);
    }
  }
}
