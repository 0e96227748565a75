// A proxy: an access point of the client's own at its proxy peer.
package dev.p2pkit.client;

import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Message;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

final class ClientProxy implements Proxy {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Lifeline lifeline;
  private final String accessPoint;
  private final Feedline<Message> line;

  ClientProxy(Lifeline lifeline) {
    this.lifeline = lifeline;
    // Nobody can guess the address: knowing it is the right to send there.
    byte[] random = new byte[12];
    RANDOM.nextBytes(random);
    this.accessPoint = "proxy-" + HexFormat.of().formatHex(random);
    this.line = new Feedline<>(lifeline, Feed.PROXY, accessPoint, Message.class).start();
  }

  @Override
  public Address address() {
    return Address.ofSession(lifeline.last().session(), accessPoint);
  }

  @Override
  public CompletableFuture<Proxy> ready() {
    return line.ready().thenApply(done -> this);
  }

  @Override
  public Flow.Publisher<Message> messages() {
    return line.publisher();
  }

  @Override
  public void close() {
    line.close();
  }
}
