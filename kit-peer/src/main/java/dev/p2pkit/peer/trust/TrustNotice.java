// A signed word about an owner or a name.
package dev.p2pkit.peer.trust;

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
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * Says whose services the peers of a network run, or who may hold a name. Signed by the network's
 * root or by an administrator whom it has named for that. Of two notices about one owner, or one
 * pattern of names, the later one holds. The format stands in {@code docs/formats.md}. Immutable.
 */
public final class TrustNotice extends SignedNotice {
  /** The longest note, in bytes of UTF-8. */
  public static final int NOTE_BYTES = 256;

  /** The longest encoded notice, in bytes. */
  static final int MOST_BYTES = 2_560;

  /** How notices of trust travel. */
  static final NoticeKind<TrustNotice> KIND =
      new NoticeKind<>(
          FrameTypes.TRUST,
          MOST_BYTES,
          TrustNotice::decode,
          TrustMessage.class,
          TrustMessage.Offer::new,
          TrustMessage.Notices::new);

  private static final int MAGIC = 0x50324B54; // "P2KT"
  private static final int VERSION = 1;
  private static final SignedText TEXT =
      new SignedText(
          "p2pkit:trust:1:",
          MOST_BYTES,
          "a notice of trust",
          "make one with 'p2pkit trust owner KEY --print'");

  private final TrustWord word;
  private final String note;

  private TrustNotice(
      String network,
      Instant issued,
      TrustWord word,
      String note,
      Authority authority,
      byte[] signature) {
    super(
        AdministratorCertificate.Power.TRUST,
        network,
        issued,
        authority,
        toSign(network, issued, word, note, authority),
        signature);
    this.word = word;
    this.note = note;
  }

  /**
   * Signs a notice.
   *
   * @param issued when; whole milliseconds count
   * @param note for people to read, at most {@link #NOTE_BYTES} bytes
   * @param authority who signs, and by what right
   * @param sign signs bytes with the signer's private key
   * @throws IllegalArgumentException if the note is too long
   */
  public static TrustNotice issue(
      String network,
      Instant issued,
      TrustWord word,
      String note,
      Authority authority,
      UnaryOperator<byte[]> sign) {
    checkLength("note", note, NOTE_BYTES);
    Instant time = whole(issued);
    byte[] signature = sign.apply(toSign(network, time, word, note, authority));
    return new TrustNotice(network, time, word, note, authority, signature);
  }

  /** What it says. */
  public TrustWord word() {
    return word;
  }

  /** Why, for people to read. */
  public String note() {
    return note;
  }

  @Override
  public String subject() {
    return word.subject();
  }

  private static byte[] toSign(
      String network, Instant issued, TrustWord word, String note, Authority authority) {
    WireWriter out = new WireWriter(512);
    out.i32(MAGIC).u8(VERSION).text(network).i64(issued.toEpochMilli());
    word.encode(out);
    out.text(note);
    authority.encode(out);
    return out.toBytes();
  }

  /** Reads what {@link #encode} writes; no signature is verified here. */
  static TrustNotice decode(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    if (in.i32() != MAGIC || in.u8() != VERSION) {
      throw new WireException("a notice of trust of version 1 was expected");
    }
    TrustNotice notice =
        new TrustNotice(
            in.text(NETWORK_BYTES),
            Instant.ofEpochMilli(in.i64()),
            TrustWord.decode(in),
            in.text(NOTE_BYTES),
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
  public static TrustNotice parse(String text) {
    return TEXT.parse(text, TrustNotice::decode);
  }

  @Override
  public String toString() {
    return word + ", says " + signedBy() + (note.isEmpty() ? "" : ": " + note);
  }
}
