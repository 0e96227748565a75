// p2pkit unban: lets a banned peer back in.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Signs the end of a ban and has a peer publish it. */
@Command(
    name = "unban",
    description = {
      "Lifts the ban of a peer, network-wide; it may join again.",
      "Signed by the network's root or an administrator, as the ban was."
    })
final class UnbanCommand extends KitCommand {
  @Parameters(arity = "1", paramLabel = "PEER", description = "The peer's id.")
  Optional<PeerId> peer = Optional.empty();

  @Mixin BanOptions options = new BanOptions();

  @Override
  public Integer call() {
    return options.publish(this, options.sign(this, peer.orElseThrow(), true, ""));
  }
}
