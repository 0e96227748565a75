// What a record puts into force: an archive, its chunks and the permissions.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.util.Arrays;
import java.util.HexFormat;
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
 * @param restricted whether callers have to show their right to call it
 */
public record Edition(
    String archive,
    int size,
    List<String> chunks,
    String version,
    boolean upgradeable,
    boolean sharable,
    boolean restricted) {
  static final int MAX_VERSION = 64;
  private static final int HASH_BYTES = 32;
  private static final int UPGRADEABLE = 1;
  private static final int SHARABLE = 2;
  private static final int RESTRICTED = 4;
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
   * An edition of an archive with the version in its descriptor.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if the archive has no readable
   *     descriptor
   */
  public static Edition of(Archive archive, boolean upgradeable, boolean sharable) {
    return of(archive, DescriptorVersion.of(archive), upgradeable, sharable);
  }

  /**
   * An edition of an archive whose version is known.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if the archive is empty or the version
   *     has a wrong form
   */
  public static Edition of(Archive archive, String version, boolean upgradeable, boolean sharable) {
    try {
      byte[] content = archive.content();
      return new Edition(
          archive.hash(),
          content.length,
          Chunks.hashes(content),
          version,
          upgradeable,
          sharable,
          false);
    } catch (IllegalArgumentException e) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE, "the archive cannot be installed: " + e.getMessage(), e);
    }
  }

  /** The same for callers that show their right, or for all. */
  public Edition restricted(boolean only) {
    return new Edition(archive, size, chunks, version, upgradeable, sharable, only);
  }

  void encode(WireWriter out) {
    hex(out, archive);
    out.i32(size);
    out.i32(chunks.size());
    chunks.forEach(chunk -> hex(out, chunk));
    out.text(version);
    out.u8(
        (upgradeable ? UPGRADEABLE : 0)
            | (sharable ? SHARABLE : 0)
            | (restricted ? RESTRICTED : 0));
  }

  static Edition decode(WireReader in) {
    String archive = hex(in);
    int size = in.i32();
    String[] chunks = new String[in.count(Chunks.count(Archive.MAX_BYTES), HASH_BYTES)];
    Arrays.setAll(chunks, i -> hex(in));
    String version = in.text(MAX_VERSION);
    int flags = in.u8();
    if (flags > (UPGRADEABLE | SHARABLE | RESTRICTED)) {
      throw new WireException("a service record with unknown flags " + flags);
    }
    return new Edition(
        archive,
        size,
        Arrays.asList(chunks),
        version,
        (flags & UPGRADEABLE) != 0,
        (flags & SHARABLE) != 0,
        (flags & RESTRICTED) != 0);
  }

  /** A hash, or a key, of 64 hexadecimal digits as 32 bytes. */
  static void hex(WireWriter out, String digits) {
    out.raw(HexFormat.of().parseHex(digits), 0, HASH_BYTES);
  }

  /** The reverse. */
  static String hex(WireReader in) {
    return HexFormat.of().formatHex(in.raw(HASH_BYTES));
  }
}
