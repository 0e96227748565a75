// A signed word that a peer is banned, or is not any more.
package dev.p2pkit.overlay.ban;

import dev.p2pkit.overlay.machine.FrameTypes;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.notice.AdministratorCertificate;
import dev.p2pkit.overlay.notice.Authority;
import dev.p2pkit.overlay.notice.NoticeKind;
import dev.p2pkit.overlay.notice.SignedNotice;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.SignedText;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Says that a peer is banned from a network, or that its ban is lifted. Of two notices about one
 * peer the later one holds. Immutable.
 */
public final class BanNotice extends SignedNotice {
  /** The longest reason, in bytes of UTF-8. */
  public static final int REASON_BYTES = 256;

  /** The longest encoded notice, in bytes. */
  static final int MOST_BYTES = 1_536;

  /** How bans travel. */
  static final NoticeKind<BanNotice> KIND =
      new NoticeKind<>(
          FrameTypes.BAN,
          MOST_BYTES,
          BanNotice::decode,
          BanMessage.class,
          BanMessage.Offer::new,
          BanMessage.Notices::new);

  private static final int MAGIC = 0x50324B42; // "P2KB"
  private static final int VERSION = 1;
  private static final SignedText TEXT =
      new SignedText(
          "p2pkit:ban:1:", MOST_BYTES, "a ban notice", "make one with 'p2pkit ban --print'");

  private final PeerId peer;
  private final boolean lifted;
  private final String reason;

  private BanNotice(
      String network,
      PeerId peer,
      boolean lifted,
      Instant issued,
      String reason,
      Authority authority,
      byte[] signature) {
    super(
        AdministratorCertificate.Power.BAN,
        network,
        issued,
        authority,
        toSign(network, peer, lifted, issued, reason, authority),
        signature);
    this.peer = peer;
    this.lifted = lifted;
    this.reason = reason;
  }

  /**
   * Signs a notice.
   *
   * @param signer the raw Ed25519 public key of who signs, 32 bytes
   * @param authority by what right, unless the signer is the root itself
   * @param sign signs bytes with the signer's private key
   * @param issued when; whole milliseconds count
   * @param reason for people to read, at most {@link #REASON_BYTES} bytes
   * @throws IllegalArgumentException if the reason is too long
   */
  public static BanNotice issue(
      String network,
      PeerId peer,
      boolean lifted,
      Instant issued,
      String reason,
      byte[] signer,
      Optional<AdministratorCertificate> authority,
      UnaryOperator<byte[]> sign) {
    checkLength("reason", reason, REASON_BYTES);
    Instant time = whole(issued);
    Authority by = new Authority(signer, authority);
    byte[] signature = sign.apply(toSign(network, peer, lifted, time, reason, by));
    return new BanNotice(network, peer, lifted, time, reason, by, signature);
  }

  /** Whom it is about. */
  public PeerId peer() {
    return peer;
  }

  @Override
  public String subject() {
    return peer.toString();
  }

  /** Whether it ends a ban; else it begins one. */
  public boolean lifted() {
    return lifted;
  }

  /** Why, for people to read. */
  public String reason() {
    return reason;
  }

  private static byte[] toSign(
      String network,
      PeerId peer,
      boolean lifted,
      Instant issued,
      String reason,
      Authority authority) {
    WireWriter out = new WireWriter(512);
    out.i32(MAGIC)
        .u8(VERSION)
        .text(network)
        .peer(peer)
        .bool(lifted)
        .i64(issued.toEpochMilli())
        .text(reason);
    authority.encode(out);
    return out.toBytes();
  }

  /** Reads what {@link #encode} writes; nothing is verified here. */
  static BanNotice decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC || in.u8() != VERSION) {
      throw new WireException("a ban notice of version 1 was expected");
    }
    String network = in.text(NETWORK_BYTES);
    PeerId peer = in.peer();
    boolean lifted = in.bool();
    Instant issued = Instant.ofEpochMilli(in.i64());
    String reason = in.text(REASON_BYTES);
    BanNotice notice =
        new BanNotice(
            network,
            peer,
            lifted,
            issued,
            reason,
            Authority.decode(in),
            in.raw(Ed25519.SIGNATURE_BYTES));
    notice.checkForm(bytes);
    return notice;
  }

  /** One line of text, to be carried to a peer by hand. */
  public String toText() {
    return TEXT.write(encode());
  }

  /**
   * Reads {@link #toText}; whether it is to be obeyed is for each peer to check.
   *
   * @throws KitException BAD_SIGNATURE if the text is no notice
   */
  public static BanNotice parse(String text) {
    return TEXT.parse(text, BanNotice::decode);
  }

  @Override
  public String toString() {
    return (lifted ? "ban lifted of " : "ban of ") + peer + " by " + signedBy() + ": " + reason;
  }
}
