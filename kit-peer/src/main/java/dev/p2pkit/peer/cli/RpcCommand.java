// p2pkit rpc: one message, one reply.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.json.JsonTree;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;

/** Sends a message and prints the reply. */
@Command(name = "rpc", description = "Sends a message and prints the reply as JSON.")
final class RpcCommand extends MessageCommand {
  @ArgGroup(multiplicity = "1")
  Target target = new Target();

  @Override
  void check() {
    super.check();
    try {
      target.check(accessPoint);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  int call(Client client) {
    JsonNode reply = JsonTree.toJson(await(target.rpc(client, accessPoint, body(), options())));
    if (json) {
      output().json(Output.object().set("reply", reply));
    } else {
      output().json(reply);
    }
    return Main.DONE;
  }
}
