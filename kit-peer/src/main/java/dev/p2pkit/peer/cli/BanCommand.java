// p2pkit ban: shuts a peer out of the whole network.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs a ban, or takes one that was signed elsewhere, and has a peer publish it. */
@Command(
    name = "ban",
    description = {
      "Shuts a peer out of the network: every peer closes its links to it and refuses it until"
          + " 'p2pkit unban'.",
      "The ban is signed by the network's root or by an administrator that the root has named.",
      "  p2pkit ban PEER --root root.key --data-dir DIR",
      "  p2pkit ban --notice TEXT --data-dir DIR    publishes what --print has printed"
    })
final class BanCommand extends KitCommand {
  @ArgGroup(multiplicity = "1")
  What what = new What();

  /** A ban to sign, or a notice to publish. */
  static final class What {
    @ArgGroup(exclusive = false)
    Optional<Signing> signing = Optional.empty();

    @ArgGroup(exclusive = false)
    Optional<Publishing> publishing = Optional.empty();
  }

  /** A new ban. */
  static final class Signing {
    @Parameters(arity = "1", paramLabel = "PEER", description = "The peer's id.")
    Optional<PeerId> peer = Optional.empty();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "Why, for people to read; at most 256 bytes.")
    String reason = "";

    @ArgGroup(exclusive = false, multiplicity = "1")
    BanOptions options = new BanOptions();
  }

  /** A notice from elsewhere. */
  static final class Publishing {
    @Option(
        names = "--notice",
        required = true,
        paramLabel = "TEXT",
        description = "A notice that 'ban --print' or 'unban --print' has printed.")
    String notice = "";

    @Option(
        names = "--data-dir",
        required = true,
        paramLabel = "DIR",
        description = "The data directory of a running peer of this machine.")
    Path dataDirectory = Path.of(".");
  }

  @Override
  public Integer call() {
    if (what.publishing.isPresent()) {
      Publishing publishing = what.publishing.get();
      return publish(
          this, BanNotice.parse(publishing.notice), Optional.of(publishing.dataDirectory));
    }
    Signing signing = what.signing.orElseThrow();
    if (signing.reason.getBytes(StandardCharsets.UTF_8).length > BanNotice.REASON_BYTES) {
      throw usage("a reason has at most " + BanNotice.REASON_BYTES + " bytes; shorten it");
    }
    BanNotice notice = signing.options.sign(signing.peer.orElseThrow(), false, signing.reason);
    return publish(this, notice, signing.options.way.dataDirectory);
  }

  /** Has a running peer publish a notice, or prints it. */
  static int publish(KitCommand command, BanNotice notice, Optional<Path> dataDirectory) {
    String text = notice.toText();
    dataDirectory.ifPresent(directory -> ControlSocket.ask(directory, "ban " + text));
    if (command.json) {
      command
          .output()
          .json(
              Output.object()
                  .put("peer", notice.subject().toString())
                  .put("banned", !notice.lifted())
                  .put("by", notice.signedBy())
                  .put("notice", text));
    } else if (dataDirectory.isEmpty()) {
      command.output().line(text);
    } else {
      command
          .output()
          .line(
              "peer "
                  + notice.subject()
                  + (notice.lifted() ? " may join again" : " is banned network-wide"));
    }
    return Main.DONE;
  }
}
