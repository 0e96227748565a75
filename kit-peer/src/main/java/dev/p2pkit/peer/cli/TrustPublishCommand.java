// p2pkit trust publish: brings a notice to the network that was signed elsewhere.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.trust.TrustNotice;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Publishes what {@code --print} has printed. */
@Command(
    name = "publish",
    description =
        "Has a running peer tell all others what 'p2pkit trust owner', 'revoke' or 'name' has"
            + " printed elsewhere with --print.")
final class TrustPublishCommand extends KitCommand {
  @Parameters(paramLabel = "NOTICE", description = "One line that begins with p2pkit:trust:")
  String notice = "";

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The data directory of a running peer of this machine, which tells the others.")
  Path dataDirectory = Path.of(".");

  @Override
  public Integer call() {
    TrustOptions options = new TrustOptions();
    options.dataDirectory = Optional.of(dataDirectory);
    return options.publish(this, TrustNotice.parse(notice));
  }
}
