// p2pkit dead-letters: messages that services of a peer gave up with nobody left to tell.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.p2pkit.peer.cli.output.Table;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists, shows, tries again or drops dead letters of a running peer of this machine. */
@Command(
    name = "dead-letters",
    description = {
      "Lists the messages that services of a peer gave up with nobody left to tell, and why.",
      "'show ID' shows one with its body, 'retry ID' brings it to its service again (it stays until"
          + " its turn has ended well), 'drop ID' forgets it."
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

  @Mixin RunningPeer peer = new RunningPeer();

  @Override
  public Integer call() throws JsonProcessingException {
    if ((action == Action.LIST) == id.isPresent()) {
      throw usage("'list' takes no ID; 'show', 'retry' and 'drop' take one");
    }
    String request =
        "dead-letters "
            + action.name().toLowerCase(Locale.ROOT)
            + id.map(number -> " " + number).orElse("");
    JsonNode answer = peer.ask(request);
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
