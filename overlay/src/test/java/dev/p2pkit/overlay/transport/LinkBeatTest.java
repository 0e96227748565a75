// One timer for the links of an event loop.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkBeatTest {
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private final Context context = vertx.getOrCreateContext();
  private final LinkBeat beat = new LinkBeat(vertx, 1);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void linksBeatAgainAndAgainAndMayEndMeanwhile() throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    // The others would beat nevertheless, but each beat would end with an error.
    context.exceptionHandler(done::completeExceptionally);
    context.runOnContext(
        start -> {
          Runnable ending =
              new Runnable() {
                @Override
                public void run() {
                  beat.remove(this);
                }
              };
          int[] beats = new int[1];
          Runnable lasting =
              new Runnable() {
                @Override
                public void run() {
                  if (++beats[0] == 3) {
                    beat.remove(this);
                    done.complete(null);
                  }
                }
              };
          beat.add(ending);
          beat.add(lasting);
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(beat.size()).isZero();
  }

  @Test
  void aLinkThatFailsKeepsNoOtherFromBeating() throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.exceptionHandler(done::completeExceptionally);
    context.runOnContext(
        start -> {
          beat.add(
              () -> {
                throw new IllegalStateException("this link fails on purpose");
              });
          beat.add(() -> done.complete(null));
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(beat.size()).isEqualTo(2);
  }

  @Test
  void aLinkThatComesAfterTheLastHasEndedBeatsToo() throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.runOnContext(
        start -> {
          Runnable first = () -> {};
          beat.add(first);
          beat.remove(first);
          beat.add(() -> done.complete(null));
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(beat.size()).isEqualTo(1);
  }
}
