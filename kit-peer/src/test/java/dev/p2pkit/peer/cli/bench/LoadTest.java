// The load of the bench counts replies that the caller has, and only those.
package dev.p2pkit.peer.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class LoadTest {
  private static final Payload BODY = Payload.bytes(new byte[] {1, 2, 3});

  @Test
  void keepsExactlySoManyCallsOpen() throws Exception {
    Queue<CompletableFuture<Payload>> open = new ConcurrentLinkedQueue<>();
    Load load = new Load(8, slot -> add(open), BODY);
    load.start();
    assertThat(open).hasSize(8);
    for (int i = 0; i < 1_000; i++) {
      open.remove().complete(BODY);
      assertThat(open).hasSize(8);
    }
    assertThat(load.done()).isEqualTo(1_000);
    assertThat(load.latencies().getTotalCount()).isEqualTo(1_000);
    CompletableFuture<Void> stopping =
        CompletableFuture.runAsync(() -> stop(load), task -> new Thread(task).start());
    await().until(() -> drain(open) && stopping.isDone());
    assertThat(load.errors()).isEmpty();
  }

  @Test
  void aCallThatEndsAtOnceDoesNotRecurse() {
    AtomicInteger calls = new AtomicInteger();
    Queue<CompletableFuture<Payload>> open = new ConcurrentLinkedQueue<>();
    Load load =
        new Load(
            1,
            slot ->
                calls.incrementAndGet() < 200_000
                    ? CompletableFuture.completedFuture(BODY)
                    : add(open),
            BODY);
    load.start();
    assertThat(load.done()).isEqualTo(199_999);
    assertThat(open).hasSize(1);
  }

  @Test
  void failuresAndWrongRepliesAreErrorsAndNotCalls() {
    Queue<CompletableFuture<Payload>> open = new ConcurrentLinkedQueue<>();
    Load load = new Load(1, slot -> add(open), BODY);
    load.start();
    open.remove().completeExceptionally(new KitException(ErrorCode.BUSY, "x"));
    open.remove().complete(Payload.bytes(new byte[] {1, 2}));
    open.remove().complete(BODY);
    assertThat(load.done()).isEqualTo(1);
    assertThat(load.errors())
        .containsOnlyKeys(ErrorCode.BUSY, ErrorCode.PROTOCOL_ERROR)
        .containsValues(1L);
  }

  @Test
  void theEchoArchiveHoldsDescriptorAndMaker() throws Exception {
    List<String> names = new ArrayList<>();
    try (var jar = new ZipInputStream(new ByteArrayInputStream(EchoArchive.make().content()))) {
      for (var entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    assertThat(names).containsExactly("META-INF/kit/service.json", "p2pkit/bench/EchoMaker.class");
    assertThat(EchoArchive.make().hash()).isEqualTo(EchoArchive.make().hash());
  }

  private static CompletableFuture<Payload> add(Queue<CompletableFuture<Payload>> open) {
    CompletableFuture<Payload> call = new CompletableFuture<>();
    open.add(call);
    return call;
  }

  private static boolean drain(Queue<CompletableFuture<Payload>> open) {
    for (var call = open.poll(); call != null; call = open.poll()) {
      call.complete(BODY);
    }
    return true;
  }

  private static void stop(Load load) {
    try {
      load.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
