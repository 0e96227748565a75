// What the commands share with which the network's root signs a certificate.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.transport.NetworkRoot;
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
import picocli.CommandLine.Option;

/** Signs with a network's root key, and writes the certificate or prints it; needs no network. */
abstract class CertifyingCommand extends KitCommand {
  private static final int KEY_DIGITS = 64;

  @Option(
      names = "--root",
      required = true,
      paramLabel = "FILE",
      description = "The network's root key.")
  Path root = Path.of("network-root.key");

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

  final NetworkRoot loadRoot() {
    return NetworkRoot.load(root);
  }

  final Instant expires() {
    return Instant.now().plus(validity);
  }

  /** A public key as it was typed. */
  final byte[] publicKey(String digits) {
    if (digits.length() != KEY_DIGITS) {
      throw usage("a public key has " + KEY_DIGITS + " hexadecimal digits, not " + digits.length());
    }
    try {
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw usage("a public key has hexadecimal digits only");
    }
  }

  /**
   * Hands the certificate out.
   *
   * @param fields what it says of whom
   * @param text the certificate
   * @param sentence what is printed where the certificate itself goes into a file
   */
  final int handOut(ObjectNode fields, Instant expires, String text, String sentence) {
    out.ifPresent(file -> write(file, text));
    if (json) {
      output()
          .json(
              fields
                  .put("network", network)
                  .put("expires", expires.toString())
                  .put("certificate", text));
    } else {
      output().line(out.isPresent() ? sentence + " until " + expires : text);
    }
    return Main.DONE;
  }

  private static void write(Path file, String text) {
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
