// p2pkit hash: the key of a JSON value.
package dev.p2pkit.peer.cli;

import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.json.JsonTree;
import dev.p2pkit.sdk.Key;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the key of a value; needs no network. */
@Command(
    name = "hash",
    description = "Prints the key of a JSON value, the same as Key.hash of the value in Java.")
final class HashCommand extends KitCommand {
  @Parameters(paramLabel = "JSON", description = "The value, e.g. '\"alice\"' or '{\"id\": 7}'.")
  String value = "";

  @Option(names = "--md5", description = "Uses MD5, as the original P2PKit did.")
  boolean md5;

  @Override
  public Integer call() {
    Key key;
    try {
      Object plain = JsonTree.parse(value);
      key = md5 ? Key.md5(plain) : Key.hash(plain);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    if (json) {
      output().json(Output.object().put("key", key.toString()));
    } else {
      output().line(key.toString());
    }
    return Main.DONE;
  }
}
