// A dial that comes too late.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptTest {
  private static final Endpoint SOMEWHERE = new Endpoint("127.0.0.1", 9);

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(io.vertx.core.Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Keeps what became of an attempt. */
  private static final class Outcome implements Attempt.Target {
    final CompletableFuture<Closure> failed = new CompletableFuture<>();

    @Override
    public boolean proving(Attempt attempt, Connection connection) {
      return false;
    }

    @Override
    public void welcomed(Attempt attempt, Connection connection) {
      failed.completeExceptionally(new AssertionError("nobody is there"));
    }

    @Override
    public void rival(LinkFrame.Rival rival) {}

    @Override
    public void failed(Attempt attempt, Closure why) {
      failed.complete(why);
    }
  }

  @Test
  void whoDialsWhileThePeerClosesIsToldThatItFailed() throws Exception {
    TransportConfig config = TransportConfig.defaults();
    LinkSetup setup =
        new LinkSetup(
            vertx,
            Identity.ephemeral(),
            1,
            config,
            new CodecTable(List.of()),
            new Counters(),
            Sources.of(config.limits()),
            new LinkBeat(vertx, 1000),
            Handshakes.of(vertx),
            new AtomicReference<>(Bytes.EMPTY));
    AtomicReference<Throwable> unhandled = new AtomicReference<>();
    vertx.exceptionHandler(unhandled::set);
    NetClient client = vertx.createNetClient();
    await(client.close());
    Outcome outcome = new Outcome();
    Attempt attempt =
        new Attempt(
            setup,
            vertx.getOrCreateContext(),
            SOMEWHERE,
            Optional.empty(),
            () -> setup.helloOfPeer(SOMEWHERE),
            outcome);
    attempt.start(client);
    assertThat(outcome.failed.get(20, TimeUnit.SECONDS).kind()).isEqualTo(Closure.Kind.LOST);
    assertThat(unhandled.get()).isNull();
  }
}
