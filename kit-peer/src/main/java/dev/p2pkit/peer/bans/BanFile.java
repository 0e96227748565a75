// The bans a peer knows, as a file in its data directory.
package dev.p2pkit.peer.bans;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.ban.BanNotice;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text file: one notice a line, the last line their SHA-256. It gets its name only when it is
 * whole. One that is damaged is moved aside with a warning; the neighbours tell the bans again.
 */
public final class BanFile {
  private static final Logger LOG = LoggerFactory.getLogger(BanFile.class);
  private static final long MOST_BYTES = 16L << 20;

  private final Path file;

  /** The file {@code bans} of a data directory; it need not exist. */
  public BanFile(Path dataDirectory) {
    file = dataDirectory.resolve("bans");
  }

  /**
   * Reads the notices; blocks. Empty if there is no file or it is damaged. The notices are not
   * verified here.
   */
  public List<BanNotice> load() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException("it is larger than " + MOST_BYTES + " bytes");
      }
      List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
      int last = lines.size() - 1;
      if (last < 0 || !checksum(lines.subList(0, last)).equals(lines.get(last))) {
        throw new IOException("its checksum is wrong");
      }
      List<BanNotice> notices = new ArrayList<>();
      for (String line : lines.subList(0, last)) {
        notices.add(BanNotice.parse(line));
      }
      return notices;
    } catch (IOException | KitException e) {
      moveAside(String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private void moveAside(String why) {
    Path aside = file.resolveSibling("bans.damaged");
    LOG.warn(
        "the bans in {} are damaged ({}); the file is moved to {} and the neighbours are asked",
        file,
        why,
        aside);
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("cannot move {} aside", file, e);
    }
  }

  /**
   * Writes the notices; blocks.
   *
   * @throws KitException with {@link ErrorCode#NOT_READY} if the file cannot be written
   */
  public void save(List<BanNotice> notices) {
    List<String> lines = new ArrayList<>(notices.stream().map(BanNotice::toText).toList());
    lines.add(checksum(lines));
    Path fresh = file.resolveSibling("bans.new");
    try {
      Files.write(fresh, lines, StandardCharsets.US_ASCII);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.NOT_READY,
          "cannot keep bans in " + file + " (" + e + "); check disk space and permissions",
          e);
    }
  }

  private static String checksum(List<String> lines) {
    return Hashing.sha256()
        .hashString(String.join("\n", lines), StandardCharsets.US_ASCII)
        .toString();
  }
}
