// What send, rpc and broadcast share: the message and how long it may live.
package dev.p2pkit.peer.cli;

import dev.p2pkit.client.Client;
import dev.p2pkit.peer.json.JsonTree;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.SendOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that sends one message, given as JSON. */
abstract class MessageCommand extends ClientCommand {
  @Parameters(
      index = "0",
      paramLabel = "ACCESS-POINT",
      description = "A service's name or another access point.")
  String accessPoint = "";

  @Parameters(
      index = "1",
      paramLabel = "MESSAGE",
      description = "The message as JSON, sent as TREE; '-' reads it from standard input.")
  String message = "";

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "When the call ends at the latest, e.g. 500ms or 10s (the default).")
  Duration deadline = SendOptions.DEFAULT.deadline();

  @Option(
      names = "--service-ticket",
      paramLabel = "TICKET",
      description = "A service ticket, where the service is restricted.")
  Optional<String> serviceTicket = Optional.empty();

  @Option(
      names = "--version",
      paramLabel = "VERSION",
      description =
          "Only this version of the service processes the message; where another one runs, it ends"
              + " with VERSION_SKEW.")
  Optional<String> version = Optional.empty();

  @Option(
      names = "--once",
      description =
          "Repeats the message until the deadline when no answer comes; it takes effect once. Only"
              + " for services with durable state.")
  boolean once;

  private @Nullable Payload body;
  private @Nullable SendOptions options;

  @Override
  void check() {
    try {
      body = Payload.tree(JsonTree.parse(text()));
      options = chosen(SendOptions.within(deadline));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  /** The options that the command line asks for; fails with {@link IllegalArgumentException}. */
  SendOptions chosen(SendOptions plain) {
    SendOptions repeated = once ? plain.once() : plain;
    return version.map(repeated::version).orElse(repeated);
  }

  @Override
  void prepare(Client client) {
    serviceTicket.ifPresent(ticket -> await(client.serviceOfTicket(ticket)));
  }

  private String text() {
    if (!message.equals("-")) {
      return message;
    }
    try {
      byte[] read = System.in.readNBytes(JsonTree.MAX_CHARACTERS + 1);
      return new String(read, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw usage("cannot read the message from standard input: " + e.getMessage());
    }
  }

  final Payload body() {
    return Objects.requireNonNull(body);
  }

  final SendOptions options() {
    return Objects.requireNonNull(options);
  }
}
