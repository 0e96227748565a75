// What a record puts into force: an archive, its chunks and the permissions.
package dev.p2pkit.client.record;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What is to run.
 *
 * @param archive SHA-256 of the archive, 64 hexadecimal digits
 * @param size its length in bytes, 1 to {@link Archive#MAX_BYTES}
 * @param chunks SHA-256 of each chunk of {@link Chunks#BYTES}
 * @param version the version in its descriptor, 1 to 64 visible ASCII characters
 * @param upgradeable whether later versions are allowed
 * @param sharable whether peers that were not there at the install get it
 */
public record Edition(
    String archive,
    int size,
    List<String> chunks,
    String version,
    boolean upgradeable,
    boolean sharable) {
  static final int MAX_VERSION = 64;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern VERSION = Pattern.compile("[!-~]{1," + MAX_VERSION + "}");

  /** Checks all bounds. */
  public Edition {
    chunks = List.copyOf(chunks);
    if (!HASH.matcher(archive).matches()
        || !chunks.stream().allMatch(chunk -> HASH.matcher(chunk).matches())) {
      throw new IllegalArgumentException("a hash is written as 64 hexadecimal digits");
    }
    if (size < 1 || size > Archive.MAX_BYTES || chunks.size() != Chunks.count(size)) {
      throw new IllegalArgumentException(
          "an archive of " + size + " bytes with " + chunks.size() + " chunks");
    }
    if (!VERSION.matcher(version).matches()) {
      throw new IllegalArgumentException("a version has 1 to 64 visible ASCII characters");
    }
  }

  /**
   * A edition of an archive with the version in its descriptor.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if the archive has no readable
   *     descriptor
   */
  public static Edition of(Archive archive, boolean upgradeable, boolean sharable) {
    return of(archive, DescriptorVersion.of(archive), upgradeable, sharable);
  }

  /**
   * A edition of an archive whose version is known.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if the archive is empty or the version
   *     has a wrong form
   */
  public static Edition of(Archive archive, String version, boolean upgradeable, boolean sharable) {
    try {
      byte[] content = archive.content();
      return new Edition(
          archive.hash(), content.length, Chunks.hashes(content), version, upgradeable, sharable);
    } catch (IllegalArgumentException e) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE, "the archive cannot be installed: " + e.getMessage(), e);
    }
  }
}
