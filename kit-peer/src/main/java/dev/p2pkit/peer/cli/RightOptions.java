// Options that say what a service ticket allows and for how long.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.ServiceRight;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Rights and their end. */
final class RightOptions {
  private static final Duration LONGEST = Duration.ofDays(3_650);

  @Option(
      names = "--invoke",
      description = "Gives the right to call the service where it is restricted.")
  boolean invoke;

  @Option(
      names = "--upgrade",
      description = "Gives the right to upgrade the service and to steer its roll-outs.")
  boolean upgrade;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "For how long, for example 12h or 90d; 30d by default.")
  Duration validity = Duration.ofDays(30);

  /** Fails with {@link IllegalArgumentException} and a sentence if they cannot be used. */
  Set<ServiceRight> rights() {
    Set<ServiceRight> rights = EnumSet.noneOf(ServiceRight.class);
    if (invoke) {
      rights.add(ServiceRight.INVOKE);
    }
    if (upgrade) {
      rights.add(ServiceRight.UPGRADE);
    }
    if (rights.isEmpty()) {
      throw new IllegalArgumentException("say what the ticket is for: --invoke, --upgrade or both");
    }
    if (validity.compareTo(Duration.ofSeconds(1)) < 0 || validity.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("a ticket is valid for 1s to 3650d");
    }
    return rights;
  }
}
