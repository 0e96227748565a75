// All who ask at the same time are answered by one question, and by none that is older than theirs.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private final Gathering<Integer> gathering = new Gathering<>();
  private final Queue<CompletableFuture<Integer>> asked = new ArrayDeque<>();

  private CompletableFuture<Integer> ask() {
    return gathering.ask(
        () -> {
          CompletableFuture<Integer> question = new CompletableFuture<>();
          asked.add(question);
          return question;
        });
  }

  @Test
  void whoAsksWhileAQuestionIsOpenGetsTheAnswerToTheNext() {
    CompletableFuture<Integer> first = ask();
    List<CompletableFuture<Integer>> others = Stream.generate(this::ask).limit(1_000).toList();
    assertThat(asked).hasSize(1);
    asked.remove().complete(1);
    assertThat(first).isCompletedWithValue(1);
    assertThat(others).noneMatch(CompletableFuture::isDone);
    assertThat(asked).hasSize(1);
    asked.remove().complete(2);
    assertThat(others).allSatisfy(other -> assertThat(other).isCompletedWithValue(2));
    assertThat(asked).as("nobody waits for another").isEmpty();
    CompletableFuture<Integer> last = ask();
    asked.remove().complete(3);
    assertThat(last).isCompletedWithValue(3);
  }

  @Test
  void aQuestionThatFailsFailsForThoseWhoAskedAndIsFollowedByTheNext() {
    CompletableFuture<Integer> first = ask();
    CompletableFuture<Integer> second = ask();
    asked.remove().completeExceptionally(new IllegalStateException("as asked"));
    assertThat(first).isCompletedExceptionally();
    asked.remove().complete(2);
    assertThat(second).isCompletedWithValue(2);
    CompletableFuture<Integer> third =
        gathering.ask(
            () -> {
              throw new IllegalStateException("at once");
            });
    assertThat(third).isCompletedExceptionally();
    CompletableFuture<Integer> last = ask();
    asked.remove().complete(4);
    assertThat(last).isCompletedWithValue(4);
  }
}
