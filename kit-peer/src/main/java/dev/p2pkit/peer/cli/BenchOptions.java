// The options of the bench.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.bench.BenchSettings;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What is measured. */
final class BenchOptions {
  @Option(
      names = "--peers",
      paramLabel = "N",
      description = "How many processes, the caller included; 2 by default.")
  int peers = 2;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      description = "Bytes in each message and each reply; 100 by default.")
  int payload = 100;

  @Option(
      names = "--in-flight",
      paramLabel = "C",
      description = "How many calls are open at any moment; 256 by default.")
  int inFlight = 256;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long is measured after the warm-up; 5 by default.")
  int seconds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "How long the warm-up is; by default 5 to 20 s, until the rate stops growing.")
  Optional<Integer> warmUp = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "peer|key",
      description =
          "peer (default): the other peers in turn; key: the owners of 10,000 keys, the caller's"
              + " own share included.")
  BenchSettings.Target target = BenchSettings.Target.PEER;

  @Option(names = "--tls", paramLabel = "on|off", description = "Encrypted links; on by default.")
  String tls = "on";

  /** Fails with {@link IllegalArgumentException} for values out of range. */
  BenchSettings settings() {
    boolean encrypted =
        switch (tls.toLowerCase(Locale.ROOT)) {
          case "on" -> true;
          case "off" -> false;
          default -> throw new IllegalArgumentException("--tls is on or off, not '" + tls + "'");
        };
    OptionalInt length = warmUp.map(OptionalInt::of).orElse(OptionalInt.empty());
    return new BenchSettings(peers, payload, inFlight, seconds, length, target, encrypted);
  }
}
