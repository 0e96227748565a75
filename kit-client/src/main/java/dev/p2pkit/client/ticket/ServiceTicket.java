// The string that hands on the right to call or to upgrade a service.
package dev.p2pkit.client.ticket;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.Certificate.Power;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A ticket for one instance of a service: a key that was made for this ticket, and the certificates
 * that lead from the service's owner to it. The owner's own key is never in a ticket. Whoever has
 * the ticket has its rights, so it is a secret; they end with it, or when the owner revokes. The
 * format stands in {@code docs/formats.md}. Immutable.
 */
public final class ServiceTicket {
  private static final TicketText TEXT =
      new TicketText("service", 2, "service ticket", "ask the service's owner for a new one");
  private static final int MAX_NAME = 128;

  private final String name;
  private final String instance;
  private final String owner;
  private final OwnerKey key;
  private final List<Certificate> chain;

  private ServiceTicket(
      String name, String instance, String owner, OwnerKey key, List<Certificate> chain) {
    this.name = name;
    this.instance = instance;
    this.owner = owner;
    this.key = key;
    this.chain = List.copyOf(chain);
  }

  /**
   * Issues a ticket.
   *
   * @param generation the owner's counter in the record in force: the next one ends the ticket
   * @param powers what its holder may do, at least one thing
   * @param expiry until when, to the second
   */
  public static ServiceTicket issue(
      OwnerKey owner,
      String name,
      String instance,
      int generation,
      Set<Power> powers,
      Instant expiry) {
    if (name.isEmpty()
        || name.length() > MAX_NAME
        || instance.isEmpty()
        || instance.length() > MAX_NAME) {
      throw new IllegalArgumentException("a service and an instance have 1 to 128 characters");
    }
    OwnerKey key = OwnerKey.generate();
    Certificate first =
        Certificate.issue(
            owner,
            name,
            instance,
            key.publicHex(),
            powers,
            generation,
            TicketText.instant(expiry.getEpochSecond()).getEpochSecond());
    return new ServiceTicket(name, instance, owner.publicHex(), key, List.of(first));
  }

  /**
   * Reads a ticket and checks its signatures, but neither its expiry nor whether it was revoked.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if it is garbled, forged or of another
   *     version
   */
  public static ServiceTicket parse(String text) {
    return TEXT.parse(
        text,
        (content, signature) -> {
          ServiceTicket ticket = read(content);
          TEXT.checkSignature(ticket.key.publicKey(), content, signature);
          ticket.checkChain();
          return ticket;
        });
  }

  private void checkChain() {
    if (chain.isEmpty() || !chain.get(chain.size() - 1).key().equals(key.publicHex())) {
      throw TEXT.bad("is garbled: its key and its certificates do not belong together");
    }
    Set<Power> powers = powers();
    if (powers.isEmpty()) {
      throw TEXT.bad("gives no right: its certificates have none in common");
    }
    try {
      Certificate.holder(owner, name, instance, generation(), chain, powers.iterator().next(), 0);
    } catch (KitException e) {
      throw TEXT.bad("is forged or garbled: " + e.detail());
    }
  }

  /**
   * Makes sure that the ticket has not expired.
   *
   * @throws KitException with {@link ErrorCode#BAD_TICKET} if it has
   */
  public void checkExpiry(Instant now) {
    TEXT.checkExpiry(expiry(), now);
  }

  private byte[] content() {
    WireWriter out = new WireWriter(256);
    byte[] ownerKey = HexFormat.of().parseHex(owner);
    byte[] seed = key.seed();
    out.raw(ownerKey, 0, ownerKey.length).raw(seed, 0, seed.length);
    out.text(name).text(instance);
    Certificate.encodeChain(out, chain);
    return out.toBytes();
  }

  private static ServiceTicket read(byte[] content) {
    WireReader in = new WireReader(content);
    String owner = HexFormat.of().formatHex(in.raw(TicketText.KEY_BYTES));
    OwnerKey key = OwnerKey.ofSeed(in.raw(TicketText.KEY_BYTES));
    String name = in.text(MAX_NAME);
    String instance = in.text(MAX_NAME);
    if (name.isEmpty() || instance.isEmpty()) {
      throw new WireException("it names no service");
    }
    List<Certificate> chain = Certificate.decodeChain(in);
    chain.forEach(each -> TicketText.instant(each.expiry()));
    TicketText.end(in);
    return new ServiceTicket(name, instance, owner, key, chain);
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

  /** The owner's generation in which it counts. */
  public int generation() {
    return chain.get(chain.size() - 1).generation();
  }

  /** Until when it is worth something. */
  public Instant expiry() {
    return Instant.ofEpochSecond(chain.stream().mapToLong(Certificate::expiry).min().orElseThrow());
  }

  /** What its holder may do: what all of its certificates give. */
  public Set<Power> powers() {
    Set<Power> powers = EnumSet.allOf(Power.class);
    powers.removeIf(power -> !chain.stream().allMatch(each -> each.gives(power)));
    return powers;
  }

  /** Whether it gives a right. */
  public boolean gives(Power power) {
    return powers().contains(power);
  }

  /** Who signs with this ticket: its own key, for the owner. */
  public Signer signer() {
    return new Signer(key, owner, chain);
  }

  /** Shows the right to call in one session with one proxy peer. */
  public CallerProof prove(Key session, PeerId proxy) {
    return CallerProof.of(name, instance, owner, chain, key, session, proxy);
  }

  /**
   * A ticket of its own key for somebody else, with some of these rights and at most as long; made
   * without the owner.
   *
   * @throws KitException with {@link ErrorCode#UNAUTHORISED} if this ticket does not give a right,
   *     or if it was handed on as often as it may be
   */
  public ServiceTicket narrowed(Set<Power> less, Instant until) {
    if (!powers().containsAll(less)) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "this ticket gives the right to " + list(powers()) + ", not to " + list(less));
    }
    if (chain.size() >= Certificate.MAX_CHAIN) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "this ticket was handed on "
              + (chain.size() - 1)
              + " times and cannot be narrowed further; ask the service's owner for one of your"
              + " own");
    }
    OwnerKey theirs = OwnerKey.generate();
    Instant end = until.isBefore(expiry()) ? until : expiry();
    List<Certificate> longer = new ArrayList<>(chain);
    longer.add(
        Certificate.issue(
            key,
            name,
            instance,
            theirs.publicHex(),
            less,
            generation(),
            TicketText.instant(end.getEpochSecond()).getEpochSecond()));
    return new ServiceTicket(name, instance, owner, theirs, longer);
  }

  private static String list(Set<Power> powers) {
    return powers.stream()
        .sorted()
        .map(power -> power.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(" and to "));
  }

  /** The ticket itself, one line. */
  public String text() {
    byte[] content = content();
    return TEXT.format(content, key.sign(TEXT.toSign(content)));
  }

  /** What it is for, without the key. */
  @Override
  public String toString() {
    return "ticket to " + list(powers()) + " " + name + "/" + instance + " until " + expiry();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServiceTicket ticket
        && ticket.key.publicHex().equals(key.publicHex())
        && Arrays.equals(ticket.content(), content());
  }

  @Override
  public int hashCode() {
    return key.publicHex().hashCode();
  }
}
