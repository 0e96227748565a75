// p2pkit ticket: gets a ticket from a running peer, or shows what a ticket says.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.client.ticket.ClientTicket;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.peer.cli.output.Output;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Issues and shows client tickets. */
@Command(
    name = "ticket",
    description = "Gets a client ticket from a peer of this machine, or shows what a ticket says.")
final class TicketCommand extends KitCommand {
  @ArgGroup(multiplicity = "1")
  From from = new From();

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      description = "How long the new ticket can be used to attach; 30d by default.")
  Duration valid = PeerCommand.TICKET_VALIDITY;

  @Option(
      names = "--rights",
      paramLabel = "RIGHTS",
      description =
          "What the new ticket allows: use, install, observe, or some of them with commas between"
              + " them; all by default.")
  Optional<String> rights = Optional.empty();

  static final class From {
    @Option(
        names = "--data-dir",
        required = true,
        paramLabel = "DIR",
        description = "The data directory of a running peer: prints a new ticket.")
    Optional<Path> dataDirectory = Optional.empty();

    @Option(
        names = "--ticket",
        required = true,
        paramLabel = "TICKET",
        description = "Shows what this ticket says.")
    Optional<String> shown = Optional.empty();
  }

  @Override
  public Integer call() {
    if (valid.compareTo(Duration.ofSeconds(1)) < 0) {
      throw usage("a ticket is valid for at least 1s, not " + valid);
    }
    if (from.dataDirectory.isEmpty() && from.shown.isEmpty()) {
      throw usage("say --data-dir DIR for a new ticket, or --ticket T to show one");
    }
    Set<Right> wanted = wanted();
    if (from.dataDirectory.isPresent()) {
      String text =
          ControlSocket.ask(
              from.dataDirectory.get(), "ticket " + valid.toSeconds() + " " + Right.text(wanted));
      if (json) {
        output().json(json(ClientTicket.parse(text)));
      } else {
        output().line(text);
      }
      return Main.DONE;
    }
    ClientTicket ticket = ClientTicket.parse(from.shown.orElseThrow());
    if (json) {
      output().json(json(ticket));
    } else {
      show(ticket);
    }
    ticket.checkExpiry(Instant.now());
    return Main.DONE;
  }

  private Set<Right> wanted() {
    if (rights.isPresent() && from.shown.isPresent()) {
      throw usage("--rights goes with --data-dir: what a ticket allows cannot be changed");
    }
    try {
      return rights.map(Right::parse).orElseGet(Right::all);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private void show(ClientTicket ticket) {
    output().line("peer       " + ticket.peer());
    output()
        .line(
            "endpoints  "
                + ticket.endpoints().stream()
                    .map(Object::toString)
                    .collect(Collectors.joining(", ")));
    output().line("network    " + ticket.network() + (ticket.tls() ? "" : " (plaintext)"));
    output()
        .line(
            "rights     "
                + ticket.rights().stream()
                    .sorted()
                    .map(Object::toString)
                    .collect(Collectors.joining(", ")));
    output().line("expires    " + ticket.expiry());
  }

  private static ObjectNode json(ClientTicket ticket) {
    ArrayNode endpoints = Output.array();
    ticket.endpoints().forEach(endpoint -> endpoints.add(endpoint.toString()));
    ArrayNode rights = Output.array();
    ticket.rights().stream().sorted().forEach(right -> rights.add(right.name()));
    ObjectNode object =
        Output.object()
            .put("ticket", ticket.text())
            .put("peerId", ticket.peer().toString())
            .put("network", ticket.network())
            .put("tls", ticket.tls())
            .put("expires", ticket.expiry().toString());
    object.set("endpoints", endpoints);
    object.set("rights", rights);
    return object;
  }
}
