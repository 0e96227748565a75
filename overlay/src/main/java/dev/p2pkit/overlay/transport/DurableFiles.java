// Files that are on the disk, whole and under their name, when it is said that they are.
package dev.p2pkit.overlay.transport;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Gives a file new content so that after a crash of the host, too, either the old or the new is
 * there: the new content is forced to the disk under another name, gets the name in one step, and
 * then the directory is forced, which holds the names. All methods block. Thread-safe, for
 * different files.
 */
public final class DurableFiles {
  /** Forces to the disks of this host. */
  public static final DurableFiles OF_HOST =
      new DurableFiles(DurableFiles::force, DurableFiles::forceDirectory);

  private static final String PART = ".part";

  private final Forcing file;
  private final Forcing directory;

  /** Waits until what was written to a path is on its disk. */
  @FunctionalInterface
  public interface Forcing {
    /**
     * Forces it.
     *
     * @throws IOException if that failed; then nobody knows what is on the disk
     */
    void force(Path path) throws IOException;
  }

  /** Forces files and directories in these ways. */
  public DurableFiles(Forcing file, Forcing directory) {
    this.file = file;
    this.directory = directory;
  }

  /** For a new file that this user alone may read and write, where the file system knows users. */
  public static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void forceDirectory(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException e) {
      // Windows opens no directories; there the file system keeps names by itself.
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /**
   * Writes a file in place of the one of this name, if there is one; only this user may read it.
   *
   * @throws IOException if it could not be written or forced; where the file itself failed, the one
   *     of before is still there
   */
  public void replace(Path target, byte[] content) throws IOException {
    Path part = target.resolveSibling(target.getFileName() + PART);
    try {
      Files.deleteIfExists(part);
      Files.createFile(part, ownerOnly());
      Files.write(part, content);
      settle(part, target);
    } catch (IOException e) {
      try {
        // On a full disk even a part of it is in the way of others.
        Files.deleteIfExists(part);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /**
   * Gives a file that is written its name, in the same directory.
   *
   * @throws IOException as {@link #replace}
   */
  public void settle(Path written, Path target) throws IOException {
    file.force(written);
    Files.move(
        written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null) {
      directory.force(folder);
    }
  }
}
