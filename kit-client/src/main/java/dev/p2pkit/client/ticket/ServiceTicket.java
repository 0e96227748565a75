// The string that hands on the right to use or to upgrade a service.
package dev.p2pkit.client.ticket;

import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ticket for a service: its name and owner, and either the right to use it or also the right to
 * upgrade it. The latter carries the owner's private key, so it is a secret: whoever has it is the
 * owner. Signed by the owner; the format stands in {@code docs/formats.md}. Immutable.
 */
public final class ServiceTicket {
  private static final TicketText TEXT =
      new TicketText("service", "service ticket", "ask the service's owner for a new one");
  private static final int MAX_NAME = 128;

  private final String name;
  private final String instance;
  private final byte[] ownerKey;
  private final byte[] seed;
  private final Instant expiry;
  private final byte[] signature;

  private ServiceTicket(
      String name,
      String instance,
      byte[] ownerKey,
      byte[] seed,
      Instant expiry,
      byte[] signature) {
    this.name = name;
    this.instance = instance;
    this.ownerKey = ownerKey;
    this.seed = seed;
    this.expiry = expiry;
    this.signature = signature;
  }

  /** A ticket with which its holder can upgrade the service. Keep it secret. */
  public static ServiceTicket toUpgrade(
      OwnerKey owner, String name, String instance, Instant expiry) {
    return issue(owner, name, instance, owner.seed(), expiry);
  }

  /** A ticket with which its holder can only use the service. */
  public static ServiceTicket toUse(OwnerKey owner, String name, String instance, Instant expiry) {
    return issue(owner, name, instance, new byte[0], expiry);
  }

  private static ServiceTicket issue(
      OwnerKey owner, String name, String instance, byte[] seed, Instant expiry) {
    if (name.isEmpty()
        || name.length() > MAX_NAME
        || instance.isEmpty()
        || instance.length() > MAX_NAME) {
      throw new IllegalArgumentException("a service and an instance have 1 to 128 characters");
    }
    ServiceTicket unsigned =
        new ServiceTicket(
            name,
            instance,
            owner.publicKey(),
            seed,
            Instant.ofEpochSecond(expiry.getEpochSecond()),
            new byte[0]);
    return new ServiceTicket(
        name,
        instance,
        unsigned.ownerKey,
        seed,
        unsigned.expiry,
        owner.sign(TEXT.toSign(unsigned.content())));
  }

  /**
   * Reads a ticket and checks its signature, but not its expiry.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if it is garbled, forged or of another
   *     version
   */
  public static ServiceTicket parse(String text) {
    return TEXT.parse(
        text,
        (content, signature) -> {
          ServiceTicket ticket = read(content, signature);
          TEXT.checkSignature(ticket.ownerKey, content, signature);
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
    out.bool(seed.length > 0).i64(expiry.getEpochSecond());
    out.raw(ownerKey, 0, ownerKey.length).raw(seed, 0, seed.length);
    out.text(name).text(instance);
    return out.toBytes();
  }

  private static ServiceTicket read(byte[] content, byte[] signature) {
    WireReader in = new WireReader(content);
    boolean upgrade = in.bool();
    Instant expiry = TicketText.instant(in.i64());
    byte[] ownerKey = TicketText.raw(in, TicketText.KEY_BYTES);
    byte[] seed = upgrade ? TicketText.raw(in, TicketText.KEY_BYTES) : new byte[0];
    if (upgrade && !Arrays.equals(OwnerKey.ofSeed(seed).publicKey(), ownerKey)) {
      throw new WireException("its two keys do not belong together");
    }
    String name = in.text(MAX_NAME);
    String instance = in.text(MAX_NAME);
    if (name.isEmpty() || instance.isEmpty()) {
      throw new WireException("it names no service");
    }
    TicketText.end(in);
    return new ServiceTicket(name, instance, ownerKey, seed, expiry, signature);
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
    return HexFormat.of().formatHex(ownerKey);
  }

  /** Until when it is worth something. */
  public Instant expiry() {
    return expiry;
  }

  /** The owner's key, if the ticket gives the right to upgrade. */
  public Optional<OwnerKey> upgradeKey() {
    return seed.length == 0 ? Optional.empty() : Optional.of(OwnerKey.ofSeed(seed));
  }

  /**
   * The same service with less right: to use only, and at most as long.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if this ticket cannot sign another one
   */
  public ServiceTicket narrowed(Instant until) {
    OwnerKey owner =
        upgradeKey()
            .orElseThrow(
                () ->
                    new KitException(
                        ErrorCode.UNAUTHORISED,
                        "a ticket to use a service can be handed on as it is, but not changed"));
    return toUse(owner, name, instance, until.isBefore(expiry) ? until : expiry);
  }

  /** The ticket itself, one line. */
  public String text() {
    return TEXT.format(content(), signature);
  }

  /** What it is for, without the keys. */
  @Override
  public String toString() {
    return "ticket to "
        + (seed.length == 0 ? "use " : "upgrade ")
        + name
        + "/"
        + instance
        + " until "
        + expiry;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServiceTicket ticket && ticket.text().equals(text());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }
}
