// By whose right a command changes a service, if not by an owner key.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceHandle;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option to sign with the key of a service ticket. */
final class TicketSignerOption {
  @Option(
      names = "--service-ticket",
      paramLabel = "TICKET",
      description =
          "Signs by the right of this service ticket, which must give the right to upgrade, instead"
              + " of with an owner key.")
  Optional<String> ticket = Optional.empty();

  /** The service by its name, or as the ticket's holder has it. */
  ServiceHandle handle(Client client, String name) {
    if (ticket.isEmpty()) {
      return KitCommand.await(client.service(name));
    }
    ServiceHandle handle = KitCommand.await(client.serviceOfTicket(ticket.get()));
    String of = ServiceTicket.parse(ticket.get()).name();
    if (!name.equals(of) && !name.equals(handle.name())) {
      throw new KitException(
          ErrorCode.BAD_TICKET,
          "the service ticket is for " + of + ", not for " + name + "; name that service");
    }
    return handle;
  }
}
