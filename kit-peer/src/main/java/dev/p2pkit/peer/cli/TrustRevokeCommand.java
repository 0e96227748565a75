// p2pkit trust revoke: nobody runs this owner's services any more.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.trust.TrustWord;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes trust back. */
@Command(
    name = "revoke",
    description = {
      "Trusts an owner no more: peers stop its services at once, also those that list its key with"
          + " --trust, and keep their durable state.",
      "For a key that was lost or is in wrong hands. To let what runs go on and refuse what is"
          + " new: 'p2pkit trust owner KEY --valid 0s'."
    })
final class TrustRevokeCommand extends KitCommand {
  @Parameters(paramLabel = "KEY", description = "The owner's public key, 64 hexadecimal digits.")
  String key = "";

  @Mixin TrustOptions options = new TrustOptions();

  @Override
  public Integer call() {
    return options.say(this, new TrustWord.OfOwner(TrustOptions.key(this, key), Optional.empty()));
  }
}
