// A gateway is woken while it has clients, and only then.
package dev.p2pkit.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.transport.Transport;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatewayTickerTest {
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private final AtomicInteger clients = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void itTicksFromTheFirstClientToTheLast() throws Exception {
    CompletableFuture<Void> ticked = new CompletableFuture<>();
    CompletableFuture<Void> asked = new CompletableFuture<>();
    GatewayTicker ticker =
        new GatewayTicker(
            vertx,
            () -> {
              if (clients.get() == 0) {
                asked.complete(null);
              }
              return clients.get() > 0;
            },
            () -> ticked.complete(null));
    assertThat(ticker.isTicking()).isFalse();
    clients.set(1);
    ticker.wake();
    assertThat(ticker.isTicking()).isTrue();
    ticked.get(20, TimeUnit.SECONDS);
    clients.set(0);
    // It looks with its lock, which this test takes after it.
    asked.get(20, TimeUnit.SECONDS);
    assertThat(ticker.isTicking()).isFalse();
    clients.set(1);
    ticker.wake();
    assertThat(ticker.isTicking()).isTrue();
    ticker.close();
    ticker.wake();
    assertThat(ticker.isTicking()).isFalse();
  }
}
