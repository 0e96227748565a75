// The process of the bench that makes the calls; started by 'p2pkit bench rpc' only.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.PeerBuilder;
import dev.p2pkit.peer.cli.bench.BenchCaller;
import dev.p2pkit.peer.cli.bench.BenchSettings;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.log.Verbosity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Joins as a peer, makes the calls, prints JSON lines for the parent process. */
@Command(name = "caller", hidden = true, description = "Part of 'p2pkit bench rpc'.")
final class BenchCallerCommand extends KitCommand {
  private static final long WAIT_MILLIS = 10_000;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(names = "--data-dir", required = true, description = "The caller's data directory.")
  Path dataDirectory = Path.of("");

  @Option(names = "--owner-key", required = true, description = "Signs the echo service.")
  Path ownerKey = Path.of("");

  @Option(names = "--join", description = "A peer of the ring; without one it is the only peer.")
  Optional<String> join = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Verbosity.set(Verbosity.DEFAULT);
    BenchSettings settings = options.settings();
    Thread parent = new Thread(BenchCallerCommand::endWithParent, "p2pkit-parent");
    parent.setDaemon(true);
    parent.start();
    PeerBuilder builder =
        Peer.builder()
            .dataDirectory(dataDirectory)
            .ownerKey(ownerKey)
            .tls(settings.tls())
            .joinMode(join.isPresent() ? JoinMode.JOIN_ONLY : JoinMode.CREATE)
            .entryPoints(join.stream().toList());
    try (Peer peer = await(builder.start())) {
      output()
          .json(
              Output.object()
                  .put("peerId", peer.peerId().toString())
                  .put("address", peer.ref().endpoint().toString())
                  .put("entryPoint", peer.entryPoint())
                  .put("ticket", ""));
      new BenchCaller(settings, peer, output()).run();
      // The parent reads this process's CPU time before it ends it.
      TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
    }
    return Main.DONE;
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Only the end of the stream has a meaning.
      }
    } catch (IOException e) {
      // The same as the end.
    }
    Runtime.getRuntime().halt(Main.FAILED);
  }
}
