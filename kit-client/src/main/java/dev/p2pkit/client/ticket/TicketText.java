// What the two kinds of tickets have in common: one line, strict base64url, a signature at the end.
package dev.p2pkit.client.ticket;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.BiFunction;

/**
 * {@code p2pkit:KIND:VERSION:BASE64URL} around content and signature.
 *
 * @param kind the word in the prefix
 * @param version the number after it
 * @param name how messages call it
 * @param fix what to do when it is unusable
 */
record TicketText(String kind, int version, String name, String fix) {
  /** The longest ticket that is looked at, in characters. */
  static final int MAX_LENGTH = 4_096;

  /** The length of an Ed25519 public key. */
  static final int KEY_BYTES = 32;

  private static final int SIGNATURE_BYTES = 64;
  // The years 1970 to 9999: what can be printed.
  private static final long LAST_SECOND = 253_402_300_799L;

  private String prefix() {
    return "p2pkit:" + kind + ":" + version + ":";
  }

  /** What is signed: the prefix keeps a signature from meaning anything else. */
  byte[] toSign(byte[] content) {
    byte[] prefix = prefix().getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(prefix, prefix.length + content.length);
    System.arraycopy(content, 0, all, prefix.length, content.length);
    return all;
  }

  String format(byte[] content, byte[] signature) {
    byte[] all = Arrays.copyOf(content, content.length + signature.length);
    System.arraycopy(signature, 0, all, content.length, signature.length);
    return prefix() + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
  }

  <T> T parse(String text, BiFunction<byte[], byte[], T> reader) {
    String line = text.strip();
    if (line.length() > MAX_LENGTH) {
      throw bad("is longer than " + MAX_LENGTH + " characters");
    }
    String family = "p2pkit:" + kind + ":";
    if (!line.startsWith(family)) {
      throw bad("does not begin with '" + family + "'");
    }
    if (!line.startsWith(prefix())) {
      throw bad("is of another version than " + version);
    }
    String encoded = line.substring(prefix().length());
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      throw bad("is garbled: it has characters that do not belong there");
    }
    // The decoder overlooks the unused bits of the last character.
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(all).equals(encoded)
        || all.length <= SIGNATURE_BYTES) {
      throw bad("is garbled: its end is missing or changed");
    }
    int split = all.length - SIGNATURE_BYTES;
    try {
      return reader.apply(Arrays.copyOf(all, split), Arrays.copyOfRange(all, split, all.length));
    } catch (WireException | IllegalArgumentException e) {
      throw bad("is garbled: " + e.getMessage());
    }
  }

  void checkSignature(byte[] publicKey, byte[] content, byte[] signature) {
    if (!Identity.verify(publicKey, toSign(content), signature)) {
      throw bad("is forged or garbled: its signature does not match");
    }
  }

  void checkExpiry(Instant expiry, Instant now) {
    if (!now.isBefore(expiry)) {
      throw bad("expired at " + expiry);
    }
  }

  KitException bad(String what) {
    return new KitException(ErrorCode.BAD_TICKET, "the " + name + " " + what + "; " + fix);
  }

  static Instant instant(long seconds) {
    if (seconds < 0 || seconds > LAST_SECOND) {
      throw new WireException("an expiry lies between 1970 and 9999");
    }
    return Instant.ofEpochSecond(seconds);
  }

  static byte[] raw(WireReader in, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) in.u8();
    }
    return bytes;
  }

  static int bounded(int value, int least, int most, String what) {
    if (value < least || value > most) {
      throw new WireException("there are " + least + " to " + most + " " + what + ", not " + value);
    }
    return value;
  }

  static void end(WireReader in) {
    if (in.remaining() != 0) {
      throw new WireException("there are " + in.remaining() + " bytes too many");
    }
  }
}
