// Makes the command objects: each gets the streams it prints to.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.output.Output;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes commands and their option groups. */
final class Commands implements IFactory {
  private final Output output;
  private final IFactory others = CommandLine.defaultFactory();

  Commands(Output output) {
    this.output = output;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    K made = others.create(type);
    if (made instanceof KitCommand command) {
      command.printTo(output);
    }
    return made;
  }
}
