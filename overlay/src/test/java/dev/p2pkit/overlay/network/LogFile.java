// What one process has written so far, read as it grows.
package dev.p2pkit.overlay.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The file of one process ({@link NetworkHost}): a line for each thing that it did, in the order of
 * time. A line is read once; each question looks at what has come since the last. Times are those
 * of the machine's monotonic clock, in microseconds.
 */
final class LogFile {
  /** One line. */
  record Line(long at, List<String> words) {
    String kind() {
      return words.get(1);
    }

    String word(int index) {
      return words.get(index);
    }
  }

  private final Path path;
  private final List<Line> lines = new ArrayList<>();
  private long offset;

  LogFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  static Line line(String text) {
    List<String> words = Splitter.on(' ').splitToList(text);
    return new Line(Long.parseLong(words.get(0)), words);
  }

  /** All whole lines so far. */
  synchronized List<Line> lines() {
    if (!Files.exists(path)) {
      return List.of();
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] grown = new byte[Math.toIntExact(file.length() - offset)];
      file.seek(offset);
      file.readFully(grown);
      // The last line may be half written.
      int whole = grown.length;
      while (whole > 0 && grown[whole - 1] != '\n') {
        whole--;
      }
      new String(grown, 0, whole, UTF_8).lines().map(LogFile::line).forEach(lines::add);
      offset += whole;
      return List.copyOf(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who wrote it; empty as long as the process does not listen. */
  Optional<PeerRef> peer() {
    return lines().stream()
        .filter(line -> line.kind().equals("PEER"))
        .map(LogFile::peer)
        .findFirst();
  }

  static PeerRef peer(Line line) {
    return new PeerRef(
        PeerId.parse(line.word(2)), Endpoint.parse(line.word(3)), Long.parseLong(line.word(4)));
  }

  boolean joined() {
    return lines().stream().anyMatch(line -> line.kind().equals("JOINED"));
  }

  /** How many peers it sees; 0 if it sees no ring. */
  int view() {
    return lines().stream()
        .filter(line -> line.kind().equals("VIEW"))
        .mapToInt(line -> Integer.parseInt(line.word(2)))
        .reduce(0, (first, second) -> second);
  }

  /** The smallest ring that it has seen after some time; empty: it saw no change. */
  OptionalInt smallestView(long after) {
    return lines().stream()
        .filter(line -> line.kind().equals("VIEW") && line.at() > after)
        .mapToInt(line -> Integer.parseInt(line.word(2)))
        .min();
  }

  /** Of how many keys a call that it made after some time was delivered. */
  int keysReached(long after) {
    return keysReached(after, new ArrayList<>());
  }

  /**
   * When a call for the last of all keys first came back, of those made after some time; the end of
   * time if some have not.
   */
  long allKeysReachedAt(long after) {
    List<Long> times = new ArrayList<>();
    int keys = keysReached(after, times);
    return keys == NetworkHost.KEYS ? times.get(keys - 1) : Long.MAX_VALUE;
  }

  /** Notes when each key was reached first. */
  private int keysReached(long after, List<Long> times) {
    Set<String> sent = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (Line line : lines()) {
      if (line.at() <= after) {
        continue;
      }
      if (line.kind().equals("SENT")) {
        sent.add(line.word(2));
      } else if (line.kind().equals("ENDED")
          && line.word(4).equals("DELIVERED")
          && sent.contains(line.word(2))
          && keys.add(line.word(3))) {
        times.add(line.at());
      }
    }
    return keys.size();
  }

  /** How many calls it has answered since then. */
  long callsAnswered(long since) {
    return lines().stream().filter(line -> line.kind().equals("DONE") && line.at() > since).count();
  }
}
