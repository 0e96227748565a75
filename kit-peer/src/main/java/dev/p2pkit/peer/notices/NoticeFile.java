// The notices of one kind that a peer knows, as a file in its data directory.
package dev.p2pkit.peer.notices;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.transport.DurableFiles;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text file: one notice a line, the last line their SHA-256. It gets its name only when it is
 * whole. One that is damaged is moved aside with a warning; the neighbours tell the notices again.
 */
public class NoticeFile<N> {
  private static final Logger LOG = LoggerFactory.getLogger(NoticeFile.class);
  private static final long MOST_BYTES = 16L << 20;

  private final String name;
  private final Path file;
  private final Function<N, String> write;
  private final Function<String, N> parse;

  /**
   * A file of a data directory; it need not exist.
   *
   * @param name of the file, and what it holds, for people
   * @param write makes a line of a notice
   * @param parse reads it; throws {@link KitException} if it is none
   */
  protected NoticeFile(
      Path dataDirectory, String name, Function<N, String> write, Function<String, N> parse) {
    this.name = name;
    this.file = dataDirectory.resolve(name);
    this.write = write;
    this.parse = parse;
  }

  /** What it holds, for people. */
  final String name() {
    return name;
  }

  /**
   * Reads the notices; blocks. Empty if there is no file or it is damaged. The notices are not
   * verified here.
   */
  public final List<N> load() {
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
      List<N> notices = new ArrayList<>();
      for (String line : lines.subList(0, last)) {
        notices.add(parse.apply(line));
      }
      return notices;
    } catch (IOException | KitException e) {
      moveAside(String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private void moveAside(String why) {
    Path aside = file.resolveSibling(name + ".damaged");
    LOG.warn(
        "the {} in {} are damaged ({}); the file is moved to {} and the neighbours are asked",
        name,
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
  public final void save(List<N> notices) {
    List<String> lines = new ArrayList<>(notices.stream().map(write).toList());
    lines.add(checksum(lines));
    String text = String.join("\n", lines) + "\n";
    try {
      DurableFiles.OF_HOST.replace(file, text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.NOT_READY,
          "cannot keep " + name + " in " + file + " (" + e + "); check disk space and permissions",
          e);
    }
  }

  private static String checksum(List<String> lines) {
    return Hashing.sha256()
        .hashString(String.join("\n", lines), StandardCharsets.US_ASCII)
        .toString();
  }
}
