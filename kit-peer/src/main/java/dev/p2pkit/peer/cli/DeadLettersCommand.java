// p2pkit dead-letters: messages that services of a peer gave up with nobody left to tell.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists, shows, tries again or drops dead letters of a running peer of this machine. */
@Command(
    name = "dead-letters",
    description = {
      "Lists the messages that services of a peer gave up with nobody left to tell, and why.",
      "'show ID' shows one with its body, 'retry ID' brings it to its service again (it stays until"
          + " its turn has ended well), 'drop ID' forgets it; with --all in place of ID all of them,"
          + " or with --service those of one service."
    })
final class DeadLettersCommand extends KitCommand {
  /** What is done. */
  enum Action {
    /** All of them. */
    LIST,
    /** One with its body. */
    SHOW,
    /** Once more to its service. */
    RETRY,
    /** Forgotten. */
    DROP
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "list|show|retry|drop",
      description = "What to do; list by default.")
  Action action = Action.LIST;

  @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "Which dead letter.")
  Optional<Long> id = Optional.empty();

  @Option(
      names = "--all",
      description = "Retries or drops the dead letters of all services, or of the one named.")
  boolean all;

  @Option(
      names = "--service",
      paramLabel = "NAME",
      description = "Only those of one service, all of its instances; with list, or with --all.")
  Optional<String> service = Optional.empty();

  @Mixin RunningPeer peer = new RunningPeer();

  @Override
  public Integer call() throws JsonProcessingException {
    if ((action == Action.LIST || all) == id.isPresent()) {
      throw usage("'list' takes no ID; 'show' takes one, 'retry' and 'drop' take one or --all");
    }
    if (all && (action == Action.SHOW || action == Action.LIST)) {
      throw usage("--all is for 'retry' and 'drop'; 'list' shows all without it");
    }
    if (service.isPresent() && id.isPresent()) {
      throw usage("--service goes with 'list' or --all; an ID is one letter of one service");
    }
    if (all) {
      return forAll();
    }
    JsonNode answer = ask(action, id);
    if (action == Action.LIST && service.isPresent()) {
      answer = onlyOf(service.get(), answer);
    }
    if (json) {
      output().json(answer);
      return Main.DONE;
    }
    switch (action) {
      case LIST -> list(answer);
      case SHOW -> output().line(answer.toPrettyString());
      case RETRY -> output().line("processed; it is a dead letter no more");
      case DROP -> output().line("dropped");
    }
    return Main.DONE;
  }

  private JsonNode ask(Action what, Optional<Long> number) throws JsonProcessingException {
    String request =
        "dead-letters "
            + what.name().toLowerCase(Locale.ROOT)
            + number.map(it -> " " + it).orElse("");
    return peer.ask(request);
  }

  /** The same answer with the letters of one service only; whether by name or by name/instance. */
  private static JsonNode onlyOf(String service, JsonNode answer) {
    ArrayNode letters = Output.array();
    for (JsonNode letter : answer.path("letters")) {
      String of = letter.path("service").asText();
      if (of.equals(service) || of.startsWith(service + "/")) {
        letters.add(letter);
      }
    }
    ObjectNode only = answer.deepCopy();
    only.set("letters", letters);
    return only;
  }

  /** One after the other, oldest first; what fails does not keep the others from it. */
  private int forAll() throws JsonProcessingException {
    JsonNode listed = ask(Action.LIST, Optional.empty());
    JsonNode meant = service.isPresent() ? onlyOf(service.get(), listed) : listed;
    ArrayNode done = Output.array();
    ArrayNode failed = Output.array();
    for (JsonNode letter : meant.path("letters")) {
      long number = letter.path("id").asLong();
      try {
        JsonNode unused = ask(action, Optional.of(number));
        done.add(number);
      } catch (KitException e) {
        if (e.code() != ErrorCode.PROTOCOL_ERROR) {
          throw e;
        }
        failed.add(Output.object().put("id", number).put("reason", e.detail()));
      }
    }
    String past = action == Action.RETRY ? "processed" : "dropped";
    if (json) {
      ObjectNode outcome = Output.object();
      outcome.set(past, done);
      outcome.set("failed", failed);
      output().json(outcome);
    } else {
      output().line(done.size() + " " + past + ", " + failed.size() + " failed");
      failed.forEach(one -> output().line(one.path("reason").asText()));
    }
    return failed.isEmpty() ? Main.DONE : Main.FAILED;
  }

  private void list(JsonNode answer) {
    JsonNode letters = answer.path("letters");
    if (letters.isEmpty()) {
      output().line("no dead letters");
    } else {
      Table table = new Table("ID", "SERVICE", "VERSION", "AT", "BYTES", "CODE", "REASON");
      for (JsonNode letter : letters) {
        table.row(
            letter.path("id").asText(),
            letter.path("service").asText(),
            letter.path("version").asText(),
            letter.path("at").asText(),
            letter.path("bytes").asText(),
            letter.path("code").asText(),
            letter.path("reason").asText());
      }
      table.print(output());
    }
    if (answer.path("forgotten").asLong() > 0) {
      output().line(answer.path("forgotten").asText() + " older ones were forgotten for room");
    }
  }
}
