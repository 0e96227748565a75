// What all connections of one transport share.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.transport.LinkFrame.Hello;
import dev.p2pkit.overlay.transport.LinkFrame.Role;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What all connections of one transport share. */
record LinkSetup(
    Vertx vertx,
    Identity identity,
    long incarnation,
    TransportConfig config,
    CodecTable codecs,
    Counters counters,
    Sources sources,
    LinkBeat beat,
    Handshakes handshakes,
    AtomicReference<Bytes> signed) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The first words of a peer that can be dialled at this address. */
  Hello helloOfPeer(Endpoint address) {
    // The address of a transport does not change once it is known.
    @Nullable Bytes known = signed.get();
    Bytes signature =
        known != null && known.length() > 0
            ? known
            : new Bytes(identity.sign(LaterProcess.statement(identity, address, incarnation)));
    signed.set(signature);
    return hello(Role.PEER, Optional.of(address), signature, "");
  }

  /** The first words of a client. */
  Hello helloOfClient(String ticket) {
    return hello(Role.CLIENT, Optional.empty(), Bytes.EMPTY, ticket);
  }

  private Hello hello(Role role, Optional<Endpoint> address, Bytes signature, String ticket) {
    byte[] nonce = new byte[LinkFrame.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return new Hello(
        LinkFrame.OLDEST_VERSION,
        LinkFrame.NEWEST_VERSION,
        role,
        config.network(),
        new Bytes(nonce),
        config.tls() ? Bytes.EMPTY : new Bytes(identity.rawPublicKey()),
        address,
        config.isDirect(),
        incarnation,
        config.lock(),
        signature,
        ticket,
        TimeUnit.NANOSECONDS.toMicros(config.lease().toNanos()));
  }
}
