// Shows in one session that its client may call a service, without giving the ticket away.
package dev.p2pkit.client.ticket;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A ticket's certificates, and its key's signature over the session and the proxy peer that they
 * are shown to: whoever sees it can use it nowhere else, a peer that passes it on neither.
 * Immutable; the format stands in {@code docs/formats.md}.
 */
public final class CallerProof {
  /** The longest encoded proof, in bytes. */
  public static final int MAX_BYTES = 1_024;

  private static final byte[] DOMAIN = {'P', '2', 'K', 'S', 1};
  private static final int MAX_NAME = 128;

  private final String name;
  private final String instance;
  private final String owner;
  private final List<Certificate> chain;
  private final byte[] signature;

  private CallerProof(
      String name, String instance, String owner, List<Certificate> chain, byte[] signature) {
    this.name = name;
    this.instance = instance;
    this.owner = owner;
    this.chain = List.copyOf(chain);
    this.signature = signature;
  }

  static CallerProof of(
      String name,
      String instance,
      String owner,
      List<Certificate> chain,
      OwnerKey key,
      Key session,
      PeerId proxy) {
    return new CallerProof(
        name, instance, owner, chain, key.sign(toSign(name, instance, owner, session, proxy)));
  }

  private static byte[] toSign(
      String name, String instance, String owner, Key session, PeerId proxy) {
    byte[] ownerKey = HexFormat.of().parseHex(owner);
    return new WireWriter(256)
        .raw(DOMAIN, 0, DOMAIN.length)
        .key(session)
        .peer(proxy)
        .raw(ownerKey, 0, ownerKey.length)
        .text(name)
        .text(instance)
        .toBytes();
  }

  /** The canonical bytes. */
  public byte[] encoded() {
    WireWriter out = new WireWriter(512);
    byte[] ownerKey = HexFormat.of().parseHex(owner);
    out.raw(ownerKey, 0, ownerKey.length).text(name).text(instance);
    Certificate.encodeChain(out, chain);
    return out.raw(signature, 0, signature.length).toBytes();
  }

  /**
   * Reads one; nothing is verified here.
   *
   * @throws WireException if the bytes are none
   */
  public static CallerProof decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    String owner = HexFormat.of().formatHex(in.raw(TicketText.KEY_BYTES));
    String name = in.text(MAX_NAME);
    String instance = in.text(MAX_NAME);
    List<Certificate> chain = Certificate.decodeChain(in);
    byte[] signature = in.raw(Ed25519.SIGNATURE_BYTES);
    TicketText.end(in);
    return new CallerProof(name, instance, owner, chain, signature);
  }

  /**
   * Makes sure that who made this may call a service, and made it for this session. Takes half a
   * millisecond for each signature.
   *
   * @param record what is in force
   * @param seconds since 1970
   * @throws KitException UNAUTHORISED or BAD_SIGNATURE, with what is wrong
   */
  public void check(ServiceRecord record, Key session, PeerId proxy, long seconds) {
    if (!record.owner().equals(owner)
        || !record.name().equals(name)
        || !record.instance().equals(instance)) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "the service ticket is for "
              + name
              + "/"
              + instance
              + " of owner "
              + OwnerKey.fingerprint(owner)
              + ", not for "
              + record.name()
              + "/"
              + record.instance()
              + " of owner "
              + OwnerKey.fingerprint(record.owner()));
    }
    String holder =
        Certificate.holder(
            owner, name, instance, record.generation(), chain, Certificate.Power.INVOKE, seconds);
    if (!Ed25519.verify(
        HexFormat.of().parseHex(holder),
        toSign(name, instance, owner, session, proxy),
        signature)) {
      throw new KitException(
          ErrorCode.BAD_SIGNATURE,
          "the proof for " + name + " was not made for this session with the ticket's key");
    }
  }

  /** The service's name. */
  public String name() {
    return name;
  }

  /** The instance. */
  public String instance() {
    return instance;
  }

  /** The owner's public key, 64 hexadecimal digits. */
  public String owner() {
    return owner;
  }

  /** Until when it counts, in seconds since 1970; 0 without certificates. */
  public long expiry() {
    return chain.stream().mapToLong(Certificate::expiry).min().orElse(0);
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof CallerProof proof && Arrays.equals(proof.encoded(), encoded());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }
}
