// A directory that a command makes for its run and removes afterwards.
package dev.p2pkit.peer.cli.output;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory with everything below it.
 *
 * @param path where it is
 */
public record TemporaryDirectory(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryDirectory.class);
  private static final int ATTEMPTS = 10;

  /** Makes one whose name begins so. */
  public static TemporaryDirectory make(String name) throws IOException {
    return new TemporaryDirectory(Files.createTempDirectory(name));
  }

  /**
   * Removes it, also while a run that is being ended may still write into it; links are removed,
   * not followed. What cannot be removed stays, with a warning.
   */
  public void remove() {
    for (int attempt = 1; Files.exists(path); attempt++) {
      try {
        delete();
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          LOG.warn("the temporary directory {} could not be removed", path, e);
          return;
        }
      }
    }
  }

  private void delete() throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
