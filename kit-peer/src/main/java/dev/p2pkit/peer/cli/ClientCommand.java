// What all commands share that reach the network through a ticket.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** A command that attaches to a peer as a client, does one thing and detaches. */
abstract class ClientCommand extends KitCommand {
  /** The environment variable that is read where no ticket is given. */
  static final String VARIABLE = "P2PKIT_TICKET";

  @Option(
      names = "--ticket",
      paramLabel = "TICKET",
      description =
          "How to reach the network; repeatable, tried in random order. Default: the environment"
              + " variable P2PKIT_TICKET, tickets separated by spaces.")
  List<String> tickets = new ArrayList<>();

  @Option(
      names = "--connect-timeout",
      paramLabel = "TIME",
      description = "How long a ticket's peer may take to answer; 15s by default.")
  Duration connectTimeout = Duration.ofSeconds(15);

  @Override
  public final Integer call() throws Exception {
    if (connectTimeout.isZero() || connectTimeout.isNegative()) {
      throw usage("--connect-timeout is longer than 0");
    }
    check();
    List<String> usable = tickets(System.getenv());
    if (usable.isEmpty()) {
      throw usage(
          "no ticket: pass --ticket T or set P2PKIT_TICKET; a peer prints its ticket when it is"
              + " ready");
    }
    ClientOptions options = ClientOptions.DEFAULT.connectTimeout(connectTimeout);
    try (Client client = await(Client.connect(usable, options))) {
      prepare(client);
      return call(client);
    }
  }

  private List<String> tickets(Map<String, String> environment) {
    if (!tickets.isEmpty()) {
      return tickets;
    }
    String given = environment.getOrDefault(VARIABLE, "").strip();
    return given.isEmpty() ? List.of() : List.of(given.split("\\s+"));
  }

  /** Looks at the options before anything is connected; throws {@link #usage}. */
  void check() {}

  /** Shows what else the client may do. */
  void prepare(Client client) {}

  /** Does the command's one thing; returns the exit code. */
  abstract int call(Client client) throws Exception;
}
