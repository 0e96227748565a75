// A service's jar as it travels: immutable bytes, named by their SHA-256.
package dev.p2pkit.sdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The immutable jar that holds a service, named by the SHA-256 of its bytes. What is in it is
 * checked by each peer.
 */
public final class Archive {
  /** The largest archive that is accepted: 64 MiB. */
  public static final int MAX_BYTES = 64 << 20;

  private final byte[] content;
  private final String hash;

  private Archive(byte[] content) {
    this.content = content;
    this.hash = sha256(content);
  }

  /**
   * Reads a jar.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if it cannot be read or is larger than
   *     {@link #MAX_BYTES}
   */
  public static Archive of(Path jar) {
    try {
      long size = Files.size(jar);
      if (size > MAX_BYTES) {
        throw new KitException(
            ErrorCode.BAD_ARCHIVE,
            jar + " has " + size + " bytes; an archive has at most " + MAX_BYTES);
      }
      return new Archive(Files.readAllBytes(jar));
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE,
          "cannot read the archive " + jar + "; check that the file exists and is readable",
          e);
    }
  }

  /**
   * An archive from memory; the bytes are copied.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if there are more than {@link
   *     #MAX_BYTES}
   */
  public static Archive of(byte[] jar) {
    if (jar.length > MAX_BYTES) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE,
          "the archive has " + jar.length + " bytes; at most " + MAX_BYTES + " are allowed");
    }
    return new Archive(jar.clone());
  }

  /** The bytes, a copy. */
  public byte[] content() {
    return content.clone();
  }

  /** The length in bytes. */
  public int length() {
    return content.length;
  }

  /** SHA-256 of the bytes, 64 hexadecimal digits: the archive's only identity. */
  public String hash() {
    return hash;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "archive " + hash.substring(0, 12) + " (" + content.length + " bytes)";
  }
}
