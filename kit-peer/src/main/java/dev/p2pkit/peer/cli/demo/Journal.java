// What one peer says it has processed: the file that the counter writes, read afterwards.
package dev.p2pkit.peer.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The journal of one peer.
 *
 * @param peer a name of the peer, for messages
 * @param lines in the order of processing
 */
record Journal(String peer, List<Line> lines) {
  Journal {
    lines = List.copyOf(lines);
  }

  /** One processed message and the version that processed it. */
  record Line(int version, String id) {}

  /** Reads all journals below a peer's directory; a peer that processed nothing has none. */
  static Journal read(String peer, Path directory) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(path -> path.endsWith("processed.log")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ", 2);
          if (words.length != 2) {
            throw new IOException(file + " has a line that is not 'VERSION ID': " + line);
          }
          lines.add(new Line(Integer.parseInt(words[0]), words[1]));
        }
      }
    }
    return new Journal(peer, lines);
  }

  /** How many messages the first version processed after the second had begun. */
  long olderAfterNewer() {
    int newest = 0;
    long count = 0;
    for (Line line : lines) {
      if (line.version() < newest) {
        count++;
      }
      newest = Math.max(newest, line.version());
    }
    return count;
  }
}
