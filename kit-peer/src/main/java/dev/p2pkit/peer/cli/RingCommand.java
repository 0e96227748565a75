// p2pkit ring: all peers as a table.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.PeerInfo;
import java.util.List;
import picocli.CommandLine.Command;

/** Prints the peers in the order of their places. */
@Command(name = "ring", description = "Shows the ring: each peer, its address, arc and services.")
final class RingCommand extends ClientCommand {
  @Override
  int call(Client client) {
    List<PeerInfo> ring = await(client.ring());
    if (json) {
      ArrayNode peers = Output.array();
      ring.forEach(info -> peers.add(PeerView.json(info)));
      output().json(Output.object().set("peers", peers));
      return Main.DONE;
    }
    Table table = new Table("PEER", "ADDRESS", "ARC", "SHARE", "SERVICES");
    for (PeerInfo info : ring) {
      table.row(
          info.peer().toString(),
          PeerView.address(info),
          "(" + info.predecessor().shortText() + ", " + info.peer().shortText() + "]",
          PeerView.share(info),
          String.join(", ", info.services()));
    }
    table.print(output());
    return Main.DONE;
  }
}
