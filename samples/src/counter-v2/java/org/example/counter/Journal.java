// Evidence of what was processed: one line for each message, on disk before its turn ends.
package org.example.counter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file {@code processed.log} in the service's directory: {@code VERSION ID}, one line for each
 * message in the order of processing. A line is handed to the operating system by one write, so it
 * is there even if the process is killed right after.
 */
final class Journal {
  private final Path file;
  private final int version;

  Journal(Path directory, int version) {
    this.file = directory.resolve("processed.log");
    this.version = version;
  }

  void append(String id) {
    ByteBuffer line = ByteBuffer.wrap((version + " " + id + "\n").getBytes(StandardCharsets.UTF_8));
    // Opened for each line: a maker has no moment at which it could close a channel, and one that
    // is held open would keep the old version's class loader alive after an upgrade.
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
