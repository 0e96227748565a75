// The peers that a peer remembers, as a file in its data directory.
package dev.p2pkit.peer;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.peer.EntryPoint;
import dev.p2pkit.overlay.transport.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text file: one peer a line, written as an entry point, {@code host:port#id}; the last line is
 * their SHA-256. It gets its name only when it is whole. One that is damaged is left out with a
 * warning: the peer then needs an entry point, and writes the file anew when it has joined.
 */
public final class RememberedFile {
  /** Its name in the data directory. */
  private static final String NAME = "remembered";

  /** More are neither written nor read. */
  static final int MOST = 64;

  private static final Logger log = LoggerFactory.getLogger(RememberedFile.class);
  private static final long MOST_BYTES = 64 << 10;

  private final Path file;
  private List<EntryPoint> last = List.of();

  /** The file of a data directory; it need not exist. */
  RememberedFile(Path dataDirectory) {
    file = dataDirectory.resolve(NAME);
  }

  /** Whether a peer that uses this directory has peers to turn to. */
  public static boolean isIn(Path dataDirectory) {
    return Files.exists(dataDirectory.resolve(NAME));
  }

  /** Reads the peers; blocks. Empty if there is no file or it is damaged. */
  synchronized List<EntryPoint> load() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException("it is larger than " + MOST_BYTES + " bytes");
      }
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      int end = lines.size() - 1;
      if (end < 0 || !checksum(lines.subList(0, end)).equals(lines.get(end))) {
        throw new IOException("its checksum is wrong");
      }
      if (end > MOST) {
        throw new IOException("it names more than " + MOST + " peers");
      }
      List<EntryPoint> points = new ArrayList<>();
      for (String line : lines.subList(0, end)) {
        EntryPoint point = EntryPoint.parse(line);
        if (point.expected().isEmpty()) {
          throw new IOException("'" + line + "' names no peer");
        }
        points.add(point);
      }
      last = List.copyOf(points);
      return last;
    } catch (IOException | IllegalArgumentException e) {
      log.warn(
          "the remembered peers in {} cannot be read ({}); name an entry point if no other is known,"
              + " the file is written anew after joining",
          file,
          e.getMessage());
      return List.of();
    }
  }

  /** Writes the peers if they are others than before; blocks. What fails is logged. */
  synchronized void save(List<EntryPoint> points) {
    List<EntryPoint> most = points.subList(0, Math.min(MOST, points.size()));
    if (most.isEmpty() || most.equals(last)) {
      // A peer that is alone forgets nobody: those it knew may come back.
      return;
    }
    List<String> lines = new ArrayList<>(most.stream().map(EntryPoint::toString).toList());
    lines.add(checksum(lines));
    try {
      DurableFiles.OF_HOST.replace(
          file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
      last = List.copyOf(most);
    } catch (IOException e) {
      log.warn(
          "cannot write the remembered peers to {}; check disk space and permissions", file, e);
    }
  }

  private static String checksum(List<String> lines) {
    return Hashing.sha256().hashString(String.join("\n", lines), StandardCharsets.UTF_8).toString();
  }
}
