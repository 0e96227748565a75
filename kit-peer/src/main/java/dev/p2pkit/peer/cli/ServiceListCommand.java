// p2pkit service list: what is installed.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.p2pkit.client.Client;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the services. */
@Command(name = "list", description = "Lists the services of the network.")
final class ServiceListCommand extends ClientCommand {
  @Override
  int call(Client client) {
    List<ServiceStatus> services = await(client.services());
    if (json) {
      ArrayNode array = Output.array();
      services.forEach(status -> array.add(ServiceView.json(status)));
      output().json(Output.object().set("services", array));
      return Main.DONE;
    }
    Table table = new Table("SERVICE", "INSTANCE", "EPOCH", "VERSION", "ACTIVE", "OWNER");
    for (ServiceStatus status : services) {
      long active =
          status.peers().stream()
              .filter(peer -> peer.phase() == ServiceStatus.Phase.ACTIVE)
              .filter(peer -> peer.epoch() == status.epoch())
              .count();
      table.row(
          status.name(),
          status.instance(),
          Long.toString(status.epoch()),
          status.version(),
          active + " of " + status.peers().size(),
          status.owner());
    }
    table.print(output());
    return Main.DONE;
  }
}
