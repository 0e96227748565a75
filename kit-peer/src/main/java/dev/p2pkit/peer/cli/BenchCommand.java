package dev.p2pkit.peer.cli;

import picocli.CommandLine.Command;

@Command(name = "bench")
final class BenchCommand extends KitCommand {
  @Override
  public Integer call() {
    return 1;
  }
}
