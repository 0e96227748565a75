// p2pkit identity: makes or shows the identity in a data directory.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.IdPuzzle;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes an identity before the first start, which may take long if it must solve a puzzle. */
@Command(
    name = "identity",
    description = {
      "Shows the identity of a peer that is not running; makes it if there is none.",
      "For a network with --id-puzzle the identity must solve a puzzle: about 2^BITS key pairs are"
          + " made until one does. 8 bits take a moment, 16 some seconds, 24 an hour."
    })
final class IdentityCommand extends KitCommand {
  private static final long REPORT_EVERY = 16_384;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The peer's data directory; made if it does not exist.")
  Path dataDirectory = Path.of(".");

  @Option(
      names = "--puzzle",
      paramLabel = "BITS",
      description = "How hard a puzzle a new identity solves, 0 to 24; 0 by default.")
  int puzzle;

  @Override
  public Integer call() {
    if (puzzle < 0 || puzzle > IdPuzzle.MOST_BITS) {
      throw usage("a puzzle has 0 to " + IdPuzzle.MOST_BITS + " bits, not " + puzzle);
    }
    try (DataDirectory directory = DataDirectory.open(dataDirectory, puzzle, this::progress)) {
      Identity identity = directory.identity();
      String key = HexFormat.of().formatHex(identity.rawPublicKey());
      int solved = IdPuzzle.solvedBits(identity.rawPublicKey());
      if (json) {
        output()
            .json(
                Output.object()
                    .put("peerId", identity.id().toString())
                    .put("publicKey", key)
                    .put("puzzleBits", solved));
      } else {
        output().line("peer " + identity.id() + ", public key " + key + ", puzzle " + solved);
      }
      if (solved < puzzle) {
        output()
            .note(
                "this identity was there before and solves only "
                    + solved
                    + " bits; name another data directory");
        return Main.FAILED;
      }
      return Main.DONE;
    }
  }

  private void progress(long made) {
    if (made % REPORT_EVERY == 0) {
      output().note(made + " key pairs tried, about " + (1L << puzzle) + " are needed");
    }
  }
}
