// p2pkit trust name: the network's naming policy.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.trust.NamePattern;
import dev.p2pkit.peer.trust.TrustWord;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a name, or all names that begin alike, to an owner. */
@Command(
    name = "name",
    description = {
      "Gives a name of services, or all names with a beginning, to an owner; the narrower word"
          + " holds.",
      "  p2pkit trust name 'acme.*' KEY --root root.key --data-dir DIR",
      "Another's service of that name stays reachable as NAME@FINGERPRINT. Whose services run is"
          + " said by 'p2pkit trust owner'."
    })
final class TrustNameCommand extends KitCommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "A name, or its beginning with an asterisk, as 'acme.*'.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "KEY",
      description = "The owner's public key, 64 hexadecimal digits.")
  Optional<String> key = Optional.empty();

  @Option(
      names = "--free",
      description = "Instead of KEY: the first owner that claims the name has it again.")
  boolean free;

  @Mixin TrustOptions options = new TrustOptions();

  @Override
  public Integer call() {
    if (key.isPresent() == free) {
      throw usage("say whose the name is: either KEY or --free");
    }
    NamePattern pattern;
    try {
      pattern = new NamePattern(name);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    return options.say(
        this, new TrustWord.OfName(pattern, key.map(typed -> TrustOptions.key(this, typed))));
  }
}
