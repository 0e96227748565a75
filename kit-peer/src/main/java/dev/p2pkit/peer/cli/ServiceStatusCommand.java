// p2pkit service status: which version runs on which peer.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.ServiceStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one service peer by peer. */
@Command(name = "status", description = "Shows which version of a service runs on which peer.")
final class ServiceStatusCommand extends ClientCommand {
  @Parameters(paramLabel = "NAME", description = "The service's name.")
  String name = "";

  @Override
  int call(Client client) {
    ServiceStatus status = await(await(client.service(name)).status());
    if (json) {
      output().json(ServiceView.json(status));
    } else {
      ServiceView.print(status, output());
    }
    return Main.DONE;
  }
}
