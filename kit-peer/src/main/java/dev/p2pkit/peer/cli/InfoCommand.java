// p2pkit info: identity, place, neighbours and counters of a peer.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints what a peer tells of itself. */
@Command(name = "info", description = "Shows a peer: its place, neighbours, services, counters.")
final class InfoCommand extends ClientCommand {
  @Option(
      names = "--peer",
      paramLabel = "ID",
      description = "Which peer; the one that issued the ticket by default.")
  Optional<PeerId> peer = Optional.empty();

  @Override
  int call(Client client) {
    PeerInfo info = await(client.info(peer.orElseGet(client::peerId)));
    if (json) {
      output().json(PeerView.json(info));
      return Main.DONE;
    }
    output().line("peer         " + info.peer());
    output().line("address      " + PeerView.address(info));
    output().line("predecessor  " + info.predecessor());
    output()
        .line(
            "successors   "
                + info.successors().stream()
                    .map(PeerId::toString)
                    .collect(Collectors.joining("\n             ")));
    output()
        .line(
            "labels       "
                + info.labels().entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .sorted()
                    .collect(Collectors.joining(", ")));
    output().line("services     " + String.join(", ", info.services()));
    output()
        .line(
            "clients      "
                + info.clients().stream().map(Object::toString).collect(Collectors.joining(", ")));
    PeerView.statistics(info.statistics())
        .properties()
        .forEach(entry -> output().line("  " + entry.getKey() + " " + entry.getValue()));
    return Main.DONE;
  }
}
