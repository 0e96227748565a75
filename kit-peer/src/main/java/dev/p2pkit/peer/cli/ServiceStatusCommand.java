// p2pkit service status: which version runs on which peer, and how it does there.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one service peer by peer. */
@Command(name = "status", description = "Shows which version of a service runs on which peer.")
final class ServiceStatusCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Option(
      names = "--verbose",
      description =
          "Asks each of the peers what the service has done and used up there: turns, processor"
              + " time, memory, mailbox, state, class loaders.")
  boolean verbose;

  @Override
  int call(Client client) {
    ServiceStatus status = await(await(client.service(name)).status());
    if (!verbose) {
      if (json) {
        output().json(ServiceView.json(status));
      } else {
        ServiceView.print(status, output());
      }
      return Main.DONE;
    }
    Map<PeerId, ServiceFigures> figures = figures(client, status);
    if (json) {
      output().json(ServiceView.json(status, figures));
    } else {
      ServiceView.print(status, output());
      ServiceView.print(status, figures, output());
    }
    return Main.DONE;
  }

  /** What the peers say that run it; a peer that does not answer is left out. */
  private static Map<PeerId, ServiceFigures> figures(Client client, ServiceStatus status) {
    Map<PeerId, CompletableFuture<Optional<ServiceFigures>>> asked = new LinkedHashMap<>();
    for (ServiceStatus.OnPeer on : status.peers()) {
      asked.put(
          on.peer(),
          client
              .info(on.peer())
              .thenApply(info -> ofService(info, status))
              .exceptionally(silent -> Optional.empty()));
    }
    Map<PeerId, ServiceFigures> figures = new HashMap<>();
    asked.forEach((peer, answer) -> await(answer).ifPresent(one -> figures.put(peer, one)));
    return figures;
  }

  private static Optional<ServiceFigures> ofService(PeerInfo info, ServiceStatus status) {
    return info.figures().stream()
        .filter(one -> one.name().equals(status.name()))
        .filter(one -> one.instance().equals(status.instance()))
        .findFirst();
  }
}
