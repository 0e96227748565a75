// p2pkit trust owner: all peers that know the root run this owner's services.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.trust.NamePattern;
import dev.p2pkit.peer.trust.OwnerGrant;
import dev.p2pkit.peer.trust.OwnerGrant.Right;
import dev.p2pkit.peer.trust.TrustWord;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Certifies an owner. */
@Command(
    name = "owner",
    description = {
      "Trusts an owner: every peer with the install policy 'trusted' that knows the network's root"
          + " runs its services.",
      "  p2pkit trust owner KEY --names 'acme.*' --valid 90d --root root.key --data-dir DIR",
      "Said again, it renews, widens or narrows. What was installed before the end goes on after"
          + " it; new versions are refused then."
    })
final class TrustOwnerCommand extends KitCommand {
  @Parameters(
      paramLabel = "KEY",
      description = "The owner's public key, 64 hexadecimal digits ('p2pkit service key').")
  String key = "";

  @Option(
      names = "--names",
      split = ",",
      paramLabel = "NAME",
      description =
          "Of which services: names, or their beginnings with an asterisk, as 'acme.*'; all by"
              + " default. Names made of the owner's key are always included.")
  List<String> names = List.of("*");

  @Option(
      names = "--may",
      split = ",",
      paramLabel = "RIGHT",
      description = "install, upgrade or both; both by default.")
  List<String> may = List.of("install", "upgrade");

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      description = "For how long, for example 90d; 365d by default.")
  Duration validity = Duration.ofDays(365);

  @Mixin TrustOptions options = new TrustOptions();

  @Override
  public Integer call() {
    OwnerGrant grant;
    try {
      grant =
          new OwnerGrant(
              rights(),
              names.stream().map(NamePattern::new).toList(),
              Instant.now().plus(validity));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    return options.say(
        this, new TrustWord.OfOwner(TrustOptions.key(this, key), Optional.of(grant)));
  }

  private Set<Right> rights() {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (String word : may) {
      rights.add(
          Arrays.stream(Right.values())
              .filter(right -> right.word().equals(word))
              .findFirst()
              .orElseThrow(
                  () -> usage("--may takes install, upgrade or both, not '" + word + "'")));
    }
    return rights;
  }
}
