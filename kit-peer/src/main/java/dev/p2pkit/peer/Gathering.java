// One answer for all who ask for the same at the same time.
package dev.p2pkit.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Keeps at most one question of a kind open, so that a client that asks without end does not have
 * all members answer without end. Whoever asks while it is open gets the answer to the next one,
 * which begins when this one has ended: never one that is older than the question. Thread-safe.
 */
final class Gathering<T> {
  private List<CompletableFuture<T>> waiting = new ArrayList<>();
  private boolean open;

  /** The answer to a question that begins now, or when the one that is open has ended. */
  CompletableFuture<T> ask(Supplier<CompletableFuture<T>> question) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    synchronized (this) {
      waiting.add(mine);
      if (open) {
        return mine;
      }
      open = true;
    }
    begin(question);
    return mine;
  }

  private void begin(Supplier<CompletableFuture<T>> question) {
    List<CompletableFuture<T>> asked;
    synchronized (this) {
      asked = waiting;
      waiting = new ArrayList<>();
    }
    CompletableFuture<T> answer;
    try {
      answer = question.get();
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    var unused =
        answer.whenComplete(
            (value, failed) -> {
              boolean more;
              synchronized (this) {
                more = !waiting.isEmpty();
                open = more;
              }
              if (more) {
                begin(question);
              }
              for (CompletableFuture<T> each : asked) {
                if (failed == null) {
                  each.complete(value);
                } else {
                  each.completeExceptionally(failed);
                }
              }
            });
  }
}
