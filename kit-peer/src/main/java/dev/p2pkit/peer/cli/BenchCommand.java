// p2pkit bench: the measurements that are published.
package dev.p2pkit.peer.cli;

import picocli.CommandLine.Command;

/** Groups the benches. */
@Command(
    name = "bench",
    description = "Measures what a user would see: several processes, real sockets.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchRpcCommand.class,
      BenchRingCommand.class,
      BenchTurnsCommand.class,
      BenchUpgradeCommand.class,
      BenchCallerCommand.class,
      BenchMembersCommand.class
    })
final class BenchCommand extends KitCommand {
  @Override
  public Integer call() {
    throw usage("'bench' is followed by rpc, ring, turns or upgrade");
  }
}
