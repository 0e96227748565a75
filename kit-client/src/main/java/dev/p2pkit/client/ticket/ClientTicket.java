// The string with which a client attaches to a peer.
package dev.p2pkit.client.ticket;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A ticket with which a client attaches to a peer: one line that can be copied. Signed by the
 * peer's identity key; the format stands in {@code docs/formats.md}. Immutable.
 */
public final class ClientTicket {
  /** How many endpoints a ticket names at most. */
  public static final int MAX_ENDPOINTS = 8;

  /** The length of the nonce that makes each ticket unique, in bytes. */
  public static final int NONCE_BYTES = 16;

  private static final TicketText TEXT =
      new TicketText(
          "client",
          1,
          "client ticket",
          "run ./p2pkit ticket on a peer of the network to get a new one");
  private static final int MAX_HOST = 255;
  private static final int MAX_NETWORK = 255;

  private final List<Endpoint> endpoints;
  private final byte[] publicKey;
  private final String network;
  private final boolean tls;
  private final Set<Right> rights;
  private final Instant expiry;
  private final byte[] nonce;
  private final byte[] signature;

  private ClientTicket(
      List<Endpoint> endpoints,
      byte[] publicKey,
      String network,
      boolean tls,
      Set<Right> rights,
      Instant expiry,
      byte[] nonce,
      byte[] signature) {
    this.endpoints = List.copyOf(endpoints);
    this.publicKey = publicKey;
    this.network = network;
    this.tls = tls;
    this.rights = Set.copyOf(rights);
    this.expiry = expiry;
    this.nonce = nonce;
    this.signature = signature;
  }

  /**
   * Issues a ticket.
   *
   * @param endpoints where the peer can be dialled, 1 to 8
   * @param peer the identity of the peer that issues it; signs it
   * @param network the network's name
   * @param tls whether the peer's links are encrypted
   * @param rights what the client may do, at least one right
   * @param expiry until when the ticket can be used to attach, to the second
   * @param nonce 16 random bytes
   */
  public static ClientTicket issue(
      List<Endpoint> endpoints,
      Identity peer,
      String network,
      boolean tls,
      Set<Right> rights,
      Instant expiry,
      byte[] nonce) {
    if (endpoints.isEmpty() || endpoints.size() > MAX_ENDPOINTS) {
      throw new IllegalArgumentException(
          "a ticket names 1 to 8 endpoints, not " + endpoints.size());
    }
    if (rights.isEmpty()) {
      throw new IllegalArgumentException("a ticket names at least one right");
    }
    if (nonce.length != NONCE_BYTES) {
      throw new IllegalArgumentException("a nonce has 16 bytes, not " + nonce.length);
    }
    ClientTicket unsigned =
        new ClientTicket(
            endpoints,
            peer.rawPublicKey(),
            network,
            tls,
            rights,
            Instant.ofEpochSecond(expiry.getEpochSecond()),
            nonce.clone(),
            new byte[0]);
    byte[] signature = peer.sign(TEXT.toSign(unsigned.content()));
    return new ClientTicket(
        endpoints,
        unsigned.publicKey,
        network,
        tls,
        rights,
        unsigned.expiry,
        unsigned.nonce,
        signature);
  }

  /**
   * Reads a ticket and checks its signature, but not its expiry.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if it is garbled, forged or of another
   *     version
   */
  public static ClientTicket parse(String text) {
    return TEXT.parse(
        text,
        (content, signature) -> {
          ClientTicket ticket = read(content, signature);
          TEXT.checkSignature(ticket.publicKey, content, signature);
          return ticket;
        });
  }

  /**
   * Makes sure that the ticket has not expired.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if it has
   */
  public void checkExpiry(Instant now) {
    TEXT.checkExpiry(expiry, now);
  }

  private byte[] content() {
    WireWriter out = new WireWriter(128);
    out.u8(tls ? 1 : 0).u8(Right.encode(rights)).i64(expiry.getEpochSecond());
    out.raw(nonce, 0, nonce.length).raw(publicKey, 0, publicKey.length).text(network);
    out.u8(endpoints.size());
    for (Endpoint endpoint : endpoints) {
      out.text(endpoint.host()).u16(endpoint.port());
    }
    return out.toBytes();
  }

  private static ClientTicket read(byte[] content, byte[] signature) {
    WireReader in = new WireReader(content);
    boolean tls = in.bool();
    Set<Right> rights = Right.decode(in.u8());
    Instant expiry = TicketText.instant(in.i64());
    byte[] nonce = TicketText.raw(in, NONCE_BYTES);
    byte[] publicKey = TicketText.raw(in, TicketText.KEY_BYTES);
    String network = in.text(MAX_NETWORK);
    int count = TicketText.bounded(in.u8(), 1, MAX_ENDPOINTS, "endpoints");
    List<Endpoint> endpoints = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      endpoints.add(new Endpoint(in.text(MAX_HOST), in.u16()));
    }
    TicketText.end(in);
    return new ClientTicket(endpoints, publicKey, network, tls, rights, expiry, nonce, signature);
  }

  /** Where the peer can be dialled, 1 to 8. */
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /** The peer that issued the ticket and to which it leads. */
  public PeerId peer() {
    return Identity.idOf(publicKey);
  }

  /** The peer's Ed25519 public key, 32 bytes, a copy. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** The network's name. */
  public String network() {
    return network;
  }

  /** Whether the peer's links are encrypted. */
  public boolean tls() {
    return tls;
  }

  /** What the holder may do. */
  public Set<Right> rights() {
    return rights;
  }

  /** Until when the ticket can be used to attach. */
  public Instant expiry() {
    return expiry;
  }

  /** The ticket itself, one line. */
  public String text() {
    return TEXT.format(content(), signature);
  }

  /** What it is for, without what makes it a ticket. */
  @Override
  public String toString() {
    return "ticket of " + peer().shortText() + " at " + endpoints + " until " + expiry;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ClientTicket ticket && ticket.text().equals(text());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  /** The nonce in hexadecimal digits: tells tickets apart in logs. */
  public String serial() {
    return HexFormat.of().formatHex(nonce);
  }
}
