// What a running peer answers to 'p2pkit dead-letters' on its control socket.
package dev.p2pkit.peer.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.service.DeadLetter;
import dev.p2pkit.sdk.KitException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Shows a peer's dead letters, has them tried again, and forgets them. */
final class DeadLetterDesk {
  /** How long a retry may take; the control socket serves nobody else meanwhile. */
  static final Duration RETRY_LIMIT = Duration.ofSeconds(10);

  /** Larger bodies are not shown: the answer is one line. */
  static final int MOST_BODY = 1 << 20;

  private DeadLetterDesk() {}

  /**
   * The answer to what follows the word {@code dead-letters}: JSON in one line.
   *
   * @throws IllegalArgumentException with a sentence for the asker
   */
  static String answer(Peer peer, String request) {
    String[] words = request.split(" ", 2);
    if (words[0].equals("list")) {
      return list(peer).toString();
    }
    long number = Long.parseLong(words.length == 2 ? words[1] : "0");
    return switch (words[0]) {
      case "show" -> show(peer, number).toString();
      case "retry" -> retry(peer, number).toString();
      case "drop" -> drop(peer, number).toString();
      default ->
          throw new IllegalArgumentException("'dead-letters " + request + "' is not understood");
    };
  }

  private static ObjectNode list(Peer peer) {
    ArrayNode letters = Output.array();
    peer.deadLetters().forEach(letter -> letters.add(describe(letter)));
    ObjectNode all =
        Output.object()
            .put("peer", peer.peerId().toString())
            .put("setAside", peer.serviceStatistics().deadLetters())
            .put("forgotten", peer.serviceStatistics().forgottenLetters());
    all.set("letters", letters);
    return all;
  }

  private static ObjectNode describe(DeadLetter letter) {
    return Output.object()
        .put("id", letter.number())
        .put("service", letter.service().toString())
        .put("version", letter.version())
        .put("epoch", letter.epoch())
        .put("code", letter.code().name())
        .put("reason", letter.reason())
        .put("at", letter.at().toString())
        .put("bytes", letter.message().body().length());
  }

  private static ObjectNode show(Peer peer, long number) {
    DeadLetter letter =
        peer.deadLetters().stream()
            .filter(one -> one.number() == number)
            .findFirst()
            .orElseThrow(() -> none(number));
    if (letter.message().body().length() > MOST_BODY) {
      throw new IllegalArgumentException(
          "the body of dead letter "
              + number
              + " is larger than "
              + MOST_BODY
              + " bytes; 'retry' and 'drop' serve it all the same");
    }
    ObjectNode shown = describe(letter);
    shown.set("message", ListenCommand.json(letter.message()));
    return shown;
  }

  private static ObjectNode retry(Peer peer, long number) {
    try {
      var unused =
          peer.retryDeadLetter(number, RETRY_LIMIT)
              .orTimeout(RETRY_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .join();
    } catch (RuntimeException e) {
      KitException failure = KitException.from(e);
      throw new IllegalArgumentException(
          "dead letter " + number + ": " + failure.code() + ": " + failure.detail(), e);
    }
    return Output.object().put("id", number).put("processed", true);
  }

  private static ObjectNode drop(Peer peer, long number) {
    if (!peer.dropDeadLetter(number)) {
      throw none(number);
    }
    return Output.object().put("id", number).put("dropped", true);
  }

  private static IllegalArgumentException none(long number) {
    return new IllegalArgumentException(
        "there is no dead letter " + number + "; 'p2pkit dead-letters list' shows those there are");
  }
}
