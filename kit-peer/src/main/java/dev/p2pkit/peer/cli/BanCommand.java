// p2pkit ban: shuts a peer out of the whole network.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.sdk.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs a ban, or takes one that was signed elsewhere, and has a peer publish it. */
@Command(
    name = "ban",
    description = {
      "Shuts a peer out of the network: every peer closes its links to it and refuses it until"
          + " 'p2pkit unban'.",
      "The ban is signed by the network's root or by an administrator that the root has named:",
      "  p2pkit ban PEER --root root.key --data-dir DIR",
      "What --print has printed elsewhere is published with:",
      "  p2pkit ban --notice TEXT --data-dir DIR"
    })
final class BanCommand extends KitCommand {
  @Parameters(arity = "0..1", paramLabel = "PEER", description = "The peer's id.")
  Optional<PeerId> peer = Optional.empty();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for people to read; at most 256 bytes.")
  String reason = "";

  @Option(
      names = "--notice",
      paramLabel = "TEXT",
      description = "Instead of PEER: a notice that 'ban --print' or 'unban --print' has printed.")
  Optional<String> notice = Optional.empty();

  @Mixin BanOptions options = new BanOptions();

  @Override
  public Integer call() {
    if (peer.isPresent() == notice.isPresent()) {
      throw usage("say whom to ban: either PEER or --notice TEXT");
    }
    if (notice.isPresent()) {
      if (options.root.isPresent() || options.administrator.isPresent() || !reason.isEmpty()) {
        throw usage("a notice is signed already; leave --root, --administrator and --reason out");
      }
      return options.publish(this, BanNotice.parse(notice.get()));
    }
    if (reason.getBytes(StandardCharsets.UTF_8).length > BanNotice.REASON_BYTES) {
      throw usage("a reason has at most " + BanNotice.REASON_BYTES + " bytes; shorten it");
    }
    return options.publish(this, options.sign(this, peer.get(), false, reason));
  }
}
