// How a service ticket is shown.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.peer.cli.output.Output;

/** Views of a service ticket. */
final class ServiceTicketView {
  private ServiceTicketView() {}

  /** Prints the ticket alone, or with {@code json} what it says, too. */
  static void print(ServiceTicket ticket, boolean json, Output output) {
    if (!json) {
      output.line(ticket.text());
      return;
    }
    ArrayNode rights = Output.array();
    ticket.powers().stream().sorted().forEach(power -> rights.add(power.name()));
    ObjectNode object =
        Output.object()
            .put("ticket", ticket.text())
            .put("service", ticket.name())
            .put("instance", ticket.instance())
            .put("owner", ticket.owner())
            .put("generation", ticket.generation())
            .put("expires", ticket.expiry().toString());
    object.set("rights", rights);
    output.json(object);
  }
}
