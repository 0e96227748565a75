// Signed bytes as one line of text, to be kept in a file or copied by hand.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Function;

/**
 * How one kind of signed bytes is written as a line of text: a prefix that names kind and version,
 * and the bytes in base64url without padding.
 *
 * @param prefix of each line
 * @param mostBytes the longest that is read
 * @param thing what it is, for readers: "a membership certificate"
 * @param remedy what to do about a bad one: "ask the network's root for a new one"
 */
public record SignedText(String prefix, int mostBytes, String thing, String remedy) {
  /** Writes a line, without an end. */
  public String write(byte[] bytes) {
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Reads a line; blanks around it do not count.
   *
   * @param decode reads the bytes; what it throws of {@link WireException} is told
   * @throws KitException BAD_SIGNATURE if it is something else or damaged
   */
  public <T> T parse(String text, Function<byte[], T> decode) {
    String line = text.strip();
    if (!line.startsWith(prefix)) {
      throw garbled("it does not begin with " + prefix);
    }
    if (line.length() - prefix.length() > 2 * mostBytes) {
      throw garbled("it is too long");
    }
    try {
      return decode.apply(Base64.getUrlDecoder().decode(line.substring(prefix.length())));
    } catch (IllegalArgumentException | WireException e) {
      throw garbled(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads a file with one line.
   *
   * @throws KitException UNAUTHORISED if the file cannot be read, BAD_SIGNATURE as {@link #parse}
   */
  public <T> T read(Path file, Function<byte[], T> decode) {
    return parse(text(file), decode);
  }

  /**
   * The text in a file, unread.
   *
   * @throws KitException as {@link #read}
   */
  public String text(Path file) {
    try {
      if (Files.size(file) > 4L * mostBytes) {
        throw garbled("the file " + file + " is too large");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED, "cannot read " + thing + " from " + file + " (" + e + ")", e);
    }
  }

  /** What to throw about bytes of this kind that are not as they should be. */
  public KitException garbled(String how) {
    return new KitException(
        ErrorCode.BAD_SIGNATURE, "this is not " + thing + ": " + how + "; " + remedy);
  }
}
