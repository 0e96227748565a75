// One round through a client's tickets: the first that leads to a session wins.
package dev.p2pkit.client;

import dev.p2pkit.client.session.SessionCodec;
import dev.p2pkit.client.ticket.ClientTicket;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.transport.ClientTransport;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.overlay.transport.TransportConfig;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries tickets, and the endpoints of each, one after the other in random order. */
final class TicketRound {
  private static final Logger LOG = LoggerFactory.getLogger(TicketRound.class);
  private static final int MAX_TICKETS = 256;

  private record Attempt(int number, ClientTicket ticket, String text, Endpoint endpoint) {}

  private final Vertx vertx;
  private final Identity identity;
  private final ClientOptions options;
  private final Supplier<Attachment> attachments;
  private final Deque<Attempt> attempts = new ArrayDeque<>();
  private final List<String> reasons = new ArrayList<>();
  private boolean usable;

  TicketRound(
      Vertx vertx,
      Identity identity,
      ClientOptions options,
      Random random,
      List<String> tickets,
      Supplier<Attachment> attachments) {
    this.vertx = vertx;
    this.identity = identity;
    this.options = options;
    this.attachments = attachments;
    plan(tickets, random);
  }

  private void plan(List<String> tickets, Random random) {
    if (tickets.size() > MAX_TICKETS) {
      reasons.add("there are " + tickets.size() + " tickets; pass at most " + MAX_TICKETS);
      return;
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < tickets.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    for (int index : order) {
      try {
        ClientTicket ticket = ClientTicket.parse(tickets.get(index));
        ticket.checkExpiry(options.clock().instant());
        List<Endpoint> endpoints = new ArrayList<>(ticket.endpoints());
        Collections.shuffle(endpoints, random);
        for (Endpoint endpoint : endpoints) {
          attempts.add(new Attempt(index + 1, ticket, ticket.text(), endpoint));
        }
      } catch (KitException e) {
        reasons.add("ticket " + (index + 1) + ": " + e.detail());
      }
    }
  }

  /** The session of the first ticket that works; fails with the reasons of all. */
  CompletableFuture<Attachment> run() {
    CompletableFuture<Attachment> result = new CompletableFuture<>();
    tryNext(result);
    return result;
  }

  private void tryNext(CompletableFuture<Attachment> result) {
    Attempt attempt = attempts.poll();
    if (attempt == null) {
      result.completeExceptionally(verdict());
      return;
    }
    LOG.debug("trying ticket {} at {}", attempt.number(), attempt.endpoint());
    var unused =
        attach(attempt)
            .whenComplete(
                (attachment, thrown) -> {
                  if (thrown == null) {
                    result.complete(attachment);
                  } else {
                    note(attempt, thrown);
                    tryNext(result);
                  }
                });
  }

  private CompletableFuture<Attachment> attach(Attempt attempt) {
    ClientTicket ticket = attempt.ticket();
    Attachment attachment = attachments.get();
    CompletableFuture<Attachment> result = new CompletableFuture<>();
    long timer =
        vertx.setTimer(
            options.connectTimeout().toMillis(),
            late ->
                result.completeExceptionally(
                    new KitException(
                        ErrorCode.NO_ROUTE,
                        "nobody answered within " + options.connectTimeout().toMillis() + " ms")));
    var unused =
        ClientTransport.connect(
                vertx,
                identity,
                attempt.endpoint(),
                ticket.peer(),
                ticket.network(),
                attempt.text(),
                config(ticket),
                List.of(new SessionCodec()),
                attachment)
            .thenCompose(attachment::open)
            .whenComplete(
                (done, thrown) -> {
                  if (thrown != null) {
                    result.completeExceptionally(thrown);
                  } else if (!result.complete(done)) {
                    // Too late: another ticket is being tried.
                    done.close("the session came too late");
                  }
                });
    return result.whenComplete(
        (done, thrown) -> {
          vertx.cancelTimer(timer);
          if (thrown != null) {
            attachment.close("another ticket is tried");
          }
        });
  }

  private TransportConfig config(ClientTicket ticket) {
    TransportConfig defaults = TransportConfig.defaults();
    return defaults
        .withNetwork(ticket.network())
        .withTls(ticket.tls())
        .withTimes(defaults.times().withDial(options.connectTimeout()));
  }

  private void note(Attempt attempt, Throwable thrown) {
    KitException reason = KitException.from(thrown);
    // A ticket that the peer refuses is as bad as one that cannot be read.
    usable |= reason.code() != ErrorCode.BAD_TICKET;
    reasons.add(
        "ticket "
            + attempt.number()
            + " ("
            + attempt.endpoint()
            + "): "
            + reason.code()
            + ", "
            + reason.detail());
  }

  private KitException verdict() {
    if (reasons.isEmpty()) {
      return new KitException(
          ErrorCode.BAD_TICKET,
          "no ticket was given; run ./p2pkit ticket on a peer of the network to get one");
    }
    return new KitException(
        usable ? ErrorCode.NO_ROUTE : ErrorCode.BAD_TICKET,
        "no ticket led to a peer: " + String.join("; ", reasons));
  }

  /** The next endpoint to be tried. */
  Optional<Endpoint> next() {
    return Optional.ofNullable(attempts.peek()).map(Attempt::endpoint);
  }
}
