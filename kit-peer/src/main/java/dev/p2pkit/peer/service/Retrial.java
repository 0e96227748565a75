// A dead letter that is tried once more, and what becomes of it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * Brings a dead letter to its service again. It stays a dead letter until its turn has ended well,
 * so that none is lost on the way; whoever dies in between tries it twice.
 */
final class Retrial implements Incoming {
  private final DeadLetter letter;
  private final DeadLetters letters;
  private final BiConsumer<Address, Payload> answer;
  private final long deadlineNanos;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /**
   * One attempt.
   *
   * @param answer passes a reply on to whom the letter names
   */
  Retrial(
      DeadLetter letter,
      DeadLetters letters,
      BiConsumer<Address, Payload> answer,
      long deadlineNanos) {
    this.letter = letter;
    this.letters = letters;
    this.answer = answer;
    this.deadlineNanos = deadlineNanos;
  }

  /** Completes when the turn has ended well, fails as the message does. */
  CompletableFuture<Void> done() {
    return done;
  }

  @Override
  public Message message() {
    return letter.message();
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public void processed() {
    letters.remove(letter.number());
    done.complete(null);
  }

  @Override
  public void reply(Payload body) {
    letter.message().replyTo().ifPresent(address -> answer.accept(address, body));
    processed();
  }

  @Override
  public void fail(ErrorCode code, String detail) {
    letters.failedAgain(letter.number(), code, detail);
    done.completeExceptionally(new KitException(code, detail));
  }
}
