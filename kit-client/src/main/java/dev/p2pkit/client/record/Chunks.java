// How an archive is cut into chunks that are verified one by one.
package dev.p2pkit.client.record;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Archives travel in chunks of {@link #BYTES}, the last one shorter. */
public final class Chunks {
  /** The length of a chunk: a frame with one stays below 64 KiB. */
  public static final int BYTES = 60 << 10;

  private Chunks() {}

  /** How many chunks an archive of this many bytes has. */
  public static int count(int size) {
    return (int) (((long) size + BYTES - 1) / BYTES);
  }

  /** The length of a chunk of an archive of {@code size} bytes. */
  public static int length(int size, int index) {
    return Math.min(BYTES, size - index * BYTES);
  }

  /** SHA-256 of each chunk, 64 hexadecimal digits. */
  public static List<String> hashes(byte[] content) {
    List<String> hashes = new ArrayList<>(count(content.length));
    for (int index = 0; index < count(content.length); index++) {
      hashes.add(hash(content, index * BYTES, length(content.length, index)));
    }
    return List.copyOf(hashes);
  }

  /** SHA-256 of one chunk, 64 hexadecimal digits. */
  public static String hash(byte[] chunk) {
    return hash(chunk, 0, chunk.length);
  }

  private static String hash(byte[] bytes, int from, int length) {
    MessageDigest digest = sha256();
    digest.update(ByteBuffer.wrap(bytes, from, length));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A new SHA-256. */
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
