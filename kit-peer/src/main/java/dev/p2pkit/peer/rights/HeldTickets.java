// The service tickets that a peer was started with.
package dev.p2pkit.peer.rights;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.ticket.ServiceTicket;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * What the programs and services of one peer may call. The tickets' signatures were checked when
 * they were read, so that a message costs comparisons only. Thread-safe.
 */
public final class HeldTickets implements Caller {
  private final List<ServiceTicket> tickets;
  private final Clock clock;

  /**
   * Reads tickets.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if one is unusable or gives no right to
   *     call
   */
  public HeldTickets(Collection<String> texts, Clock clock) {
    this.clock = clock;
    Instant now = clock.instant();
    tickets = texts.stream().map(text -> read(text, now)).toList();
  }

  private static ServiceTicket read(String text, Instant now) {
    ServiceTicket ticket = ServiceTicket.parse(text);
    ticket.checkExpiry(now);
    if (!ticket.gives(Certificate.Power.INVOKE)) {
      throw new KitException(
          ErrorCode.BAD_TICKET,
          "the "
              + ticket
              + " gives no right to call; ask the service's owner for one with --invoke");
    }
    return ticket;
  }

  @Override
  public boolean may(ServiceRecord record) {
    for (ServiceTicket ticket : tickets) {
      if (ticket.owner().equals(record.owner())
          && ticket.name().equals(record.name())
          && ticket.instance().equals(record.instance())
          && ticket.generation() == record.generation()
          && clock.instant().isBefore(ticket.expiry())) {
        return true;
      }
    }
    return false;
  }
}
