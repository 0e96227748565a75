// The relay on which rings are tried: it delays and holds back, and never changes what passes.
package dev.p2pkit.overlay.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.transport.Transport;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultyPathTest {
  private static final String HERE = "127.0.0.1";
  private static final int FAST = 1 << 30;

  private final AtomicReference<Buffer> arrived = new AtomicReference<>(Buffer.buffer());
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  /** Held on to: a client that nobody refers to is closed. */
  private final NetClient client = vertx.createNetClient();

  private int listener;

  @BeforeEach
  void listen() {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket ->
                    socket.handler(
                        bytes -> {
                          arrived.set(arrived.get().copy().appendBuffer(bytes));
                          var unused = socket.write(bytes);
                        }));
    listener = server.listen(0, HERE).toCompletionStage().toCompletableFuture().join().actualPort();
  }

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private FaultyPath path(Weather weather) {
    return new FaultyPath(vertx, HERE, 0, HERE, listener, weather, 42);
  }

  private NetSocket dial(int port) {
    return client.connect(port, HERE).toCompletionStage().toCompletableFuture().join();
  }

  /** Sends, and waits for the echo of all of it; how many milliseconds that took. */
  private double roundTrip(NetSocket socket, Buffer bytes) {
    AtomicReference<Buffer> echo = new AtomicReference<>(Buffer.buffer());
    socket.handler(part -> echo.set(echo.get().copy().appendBuffer(part)));
    long begun = System.nanoTime();
    var unused = socket.write(bytes);
    await().atMost(20, TimeUnit.SECONDS).until(() -> echo.get().length() >= bytes.length());
    assertThat(echo.get()).isEqualTo(bytes);
    return (System.nanoTime() - begun) / 1e6;
  }

  private static Buffer random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return Buffer.buffer(content);
  }

  @Test
  void everyByteArrivesOnceAndInOrderHoweverBadTheWeatherIs() {
    try (FaultyPath path = path(new Weather(1, 5, 20, FAST))) {
      Buffer sent = random(300_000);

      roundTrip(dial(path.open()), sent);

      assertThat(arrived.get()).isEqualTo(sent);
    }
  }

  @Test
  void bytesTakeTheirTimeEachWay() {
    try (FaultyPath path = path(new Weather(60, 0, 0, FAST))) {
      assertThat(roundTrip(dial(path.open()), random(10))).isGreaterThanOrEqualTo(120);
    }
  }

  @Test
  void aLostSegmentStallsAllBehindIt() {
    try (FaultyPath path = path(new Weather(0, 0, 1_000, FAST))) {
      // Lost twice each way: 200 and 400 ms.
      assertThat(roundTrip(dial(path.open()), random(10))).isGreaterThanOrEqualTo(2 * 600);
    }
  }

  @Test
  void aNarrowPathTakesLongForMuch() {
    try (FaultyPath path = path(new Weather(0, 0, 0, 100_000))) {
      assertThat(roundTrip(dial(path.open()), random(50_000))).isGreaterThanOrEqualTo(500);
    }
  }

  @Test
  void aCutPathHoldsEverythingBackUntilItIsMended() {
    try (FaultyPath path = path(new Weather(0, 0, 0, FAST))) {
      NetSocket socket = dial(path.open());
      roundTrip(socket, random(10));
      assertThat(arrived.get().length()).isEqualTo(10);

      path.cut(HERE);
      AtomicReference<Buffer> echo = new AtomicReference<>(Buffer.buffer());
      socket.handler(part -> echo.set(echo.get().copy().appendBuffer(part)));
      var unused = socket.write(random(100));
      await()
          .during(300, TimeUnit.MILLISECONDS)
          .atMost(5, TimeUnit.SECONDS)
          .until(() -> echo.get().length() == 0);
      path.mend();

      await().atMost(20, TimeUnit.SECONDS).until(() -> echo.get().length() == 100);
    }
  }
}
