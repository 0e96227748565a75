// Peers with gateways and clients over real links, for tests; all are closed after each test.
package dev.p2pkit.peer.gateway;

import dev.p2pkit.client.Client;
import dev.p2pkit.client.ClientOptions;
import dev.p2pkit.overlay.transport.Transport;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

final class ClientRig implements AfterEachCallback {
  final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private final List<AutoCloseable> open = new ArrayList<>();

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  GatewayHost host() {
    return host(GatewayConfig.DEFAULT);
  }

  GatewayHost host(GatewayConfig config) {
    GatewayHost host = new GatewayHost(vertx, true, config);
    open.add(host);
    return host;
  }

  Client client(ClientOptions options, String... tickets) {
    Client client = join(Client.connect(List.of(tickets), patient(options)));
    open.add(client);
    return client;
  }

  Client client(String... tickets) {
    return client(ClientOptions.DEFAULT, tickets);
  }

  /** On a busy machine a handshake takes its time; no test is about that. */
  ClientOptions patient(ClientOptions options) {
    return options.vertx(vertx).connectTimeout(Duration.ofSeconds(15));
  }

  /** What a test has made itself; the last is closed first. */
  void closeAtTheEnd(AutoCloseable made) {
    open.add(made);
  }

  /** What a test has closed itself. */
  void forget(AutoCloseable closed) {
    open.remove(closed);
  }

  static <T> T join(CompletableFuture<T> stage) {
    try {
      return stage.orTimeout(30, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw KitException.from(e);
    }
  }

  static ErrorCode code(CompletableFuture<?> stage) {
    return failure(stage).code();
  }

  static KitException failure(CompletableFuture<?> stage) {
    try {
      Object value = stage.orTimeout(30, TimeUnit.SECONDS).join();
      throw new AssertionError("did not fail but gave " + value);
    } catch (CompletionException e) {
      return KitException.from(e);
    }
  }

  static CompletableFuture<Payload> echo(Message message) {
    return CompletableFuture.completedFuture(message.body());
  }

  /** A service of this version, and so many bytes of noise. */
  static Archive archive(String version, int padding) throws IOException {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(jar)) {
      zip.putNextEntry(new ZipEntry("META-INF/kit/service.json"));
      zip.write(
          ("{\"format\":1,\"name\":\"counter\",\"version\":\"" + version + "\"}")
              .getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("padding"));
      byte[] noise = new byte[padding];
      new Random(1).nextBytes(noise);
      zip.write(noise);
    }
    return Archive.of(jar.toByteArray());
  }
}
