// A process that hosts many peers; started by 'p2pkit bench ring' and 'bench upgrade' only.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.bench.RingMembers;
import dev.p2pkit.peer.log.Verbosity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts its peers, prints JSON lines for the parent process, ends with its standard input. */
@Command(
    name = "members",
    hidden = true,
    description = "Part of 'p2pkit bench ring' and 'bench upgrade'.")
final class BenchMembersCommand extends KitCommand {
  @Option(names = "--peers", required = true, description = "How many peers are started here.")
  int peers;

  @Option(names = "--of", required = true, description = "How many there are in all processes.")
  int of;

  @Option(names = "--idle", required = true, description = "Seconds before the heap is read.")
  int idle;

  @Option(names = "--data-dir", required = true, description = "For the peers' directories.")
  Path directory = Path.of("");

  @Option(names = "--join", description = "A peer of the ring; without one the first creates it.")
  Optional<String> join = Optional.empty();

  @Option(names = "--owner-key", description = "Whose services run; by default one of their own.")
  Optional<Path> ownerKey = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Verbosity.set(Verbosity.DEFAULT);
    RingMembers members = new RingMembers(peers, of, directory, ownerKey, output());
    members.grow(join);
    members.idle(idle);
    try {
      while (System.in.read() >= 0) {
        // Only the end of the stream has a meaning.
      }
    } catch (IOException e) {
      // The same as the end.
    }
    // A hundred farewells are no part of what is measured.
    Runtime.getRuntime().halt(Main.DONE);
    return Main.DONE;
  }
}
