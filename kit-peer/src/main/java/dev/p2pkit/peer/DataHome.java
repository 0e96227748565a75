// Where a peer keeps its files: the directory it was given, or one that goes with it.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.transport.DataDirectory;
import dev.p2pkit.overlay.transport.DurableFiles;
import dev.p2pkit.overlay.transport.IdPuzzle;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data directory of a running peer; a temporary one is deleted when the peer is closed. */
final class DataHome implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataHome.class);

  private final DataDirectory directory;
  private final boolean temporary;

  private DataHome(DataDirectory directory, boolean temporary) {
    this.directory = directory;
    this.temporary = temporary;
  }

  static DataHome open(Optional<Path> given, int puzzleBits) {
    try {
      Path path = given.isPresent() ? given.get() : Files.createTempDirectory("p2pkit-peer");
      DataDirectory directory =
          DataDirectory.open(
              path, puzzleBits, made -> log.debug("{} key pairs tried for the puzzle", made));
      DataHome home = new DataHome(directory, given.isEmpty());
      int solved = IdPuzzle.solvedBits(directory.identity().rawPublicKey());
      if (solved < puzzleBits) {
        home.close();
        throw new KitException(
            ErrorCode.UNAUTHORISED,
            "the identity in "
                + path
                + " solves a puzzle of "
                + solved
                + " bits, and this network asks for "
                + puzzleBits
                + "; name a new data directory and make its identity with 'p2pkit identity'");
      }
      return home;
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot make a temporary data directory (" + e + "); name one with --data-dir",
          e);
    }
  }

  Identity identity() {
    return directory.identity();
  }

  /** Names the lock on the directory; see {@link DataDirectory#lock}. */
  Optional<Key> lock() {
    return directory.lock();
  }

  /**
   * The number of this start: the clock in milliseconds, but always more than that of the start
   * before, also if the clock was set back in between. Others take the process with the greater
   * number for the living one.
   */
  long nextIncarnation() {
    Path file = directory.path().resolve("incarnation");
    long before = 0;
    try {
      before = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    } catch (IOException | NumberFormatException e) {
      log.warn("{} cannot be read; the clock alone numbers this start", file, e);
    }
    long now = System.currentTimeMillis();
    long next = before > 0 && before < Long.MAX_VALUE ? Math.max(now, before + 1) : now;
    try {
      // What was there stays if the disk is full.
      DurableFiles.OF_HOST.replace(file, (next + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.UNAUTHORISED,
          "cannot write "
              + file
              + " ("
              + e
              + "); make room on its disk, or name a data directory that this user may read and"
              + " write",
          e);
    }
    return next;
  }

  Path path() {
    return directory.path();
  }

  Path archives() {
    return directory.path().resolve("archives");
  }

  Path registry() {
    return directory.path().resolve("registry");
  }

  Path services() {
    return directory.path().resolve("services");
  }

  @Override
  public void close() {
    directory.close();
    if (temporary) {
      deleteAll(directory.path());
    }
  }

  private static void deleteAll(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                Path visited, java.io.@org.jspecify.annotations.Nullable IOException failed)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      log.warn("the temporary directory {} could not be deleted", root, e);
    }
  }
}
