// p2pkit service ticket narrow: a ticket for somebody else, made from one's own.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.ServiceRight;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Narrows a ticket; needs no network. */
@Command(
    name = "narrow",
    description =
        "Makes a service ticket with less right, or for a shorter time, from one that you hold;"
            + " needs neither the owner nor a network.")
final class ServiceTicketNarrowCommand extends KitCommand {
  @Parameters(paramLabel = "TICKET", description = "The service ticket that you hold.")
  String held = "";

  @Mixin RightOptions options = new RightOptions();

  @Override
  public Integer call() {
    Set<Certificate.Power> powers = EnumSet.noneOf(Certificate.Power.class);
    try {
      for (ServiceRight right : options.rights()) {
        powers.add(Certificate.Power.valueOf(right.name()));
      }
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    Instant now = Instant.now();
    ServiceTicket ticket = ServiceTicket.parse(held);
    ticket.checkExpiry(now);
    ServiceTicketView.print(ticket.narrowed(powers, now.plus(options.validity)), json, output());
    return Main.DONE;
  }
}
