// p2pkit verbose: makes a running peer say more or less.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes the verbosity of a peer that runs on this machine. */
@Command(name = "verbose", description = "Makes a running peer of this machine log more or less.")
final class VerboseCommand extends KitCommand {
  @Parameters(
      paramLabel = "LEVEL",
      description =
          "0 silent, 1-2 errors, 3-4 warnings, 5-6 information, 7-8 debugging, 9-10 everything.")
  int level;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "The peer's data directory.")
  Path dataDirectory = Path.of("");

  @Override
  public Integer call() {
    if (level < 0 || level > 10) {
      throw usage("a verbosity lies between 0 and 10, not " + level);
    }
    String answer = ControlSocket.ask(dataDirectory, "verbose " + level);
    if (json) {
      output().json(Output.object().put("verbose", level));
    } else {
      output().line(answer);
    }
    return Main.DONE;
  }
}
