// A directory that a command makes for its run and removes afterwards.
package dev.p2pkit.peer.cli.output;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A directory with everything below it.
 *
 * @param path where it is
 */
public record TemporaryDirectory(Path path) {
  /** Makes one whose name begins so. */
  public static TemporaryDirectory make(String name) throws IOException {
    return new TemporaryDirectory(Files.createTempDirectory(name));
  }

  /** Removes it; links are removed, not followed. */
  public void delete() throws IOException {
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
