// The directory in which one peer keeps what survives a restart.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A data directory in use by this process, locked against others until it is closed or the process
 * ends.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "lock";

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;
  private final Identity identity;

  private DataDirectory(Path path, FileChannel channel, FileLock lock, Identity identity) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
    this.identity = identity;
  }

  /**
   * Makes the directory if it is missing, locks it and reads or makes the identity in it. Blocks on
   * the disk.
   *
   * @throws KitException ADDRESS_IN_USE if another peer uses it; UNAUTHORISED if it cannot be read
   *     and written or its identity is damaged
   */
  public static DataDirectory open(Path directory) {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new KitException(
            ErrorCode.ADDRESS_IN_USE,
            "the data directory "
                + directory
                + " is used by another peer; stop that one or name another directory");
      }
      return new DataDirectory(directory, channel, lock, Identity.loadOrCreate(directory));
    } catch (IOException e) {
      closeQuietly(channel);
      throw unusable(directory, e);
    } catch (RuntimeException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static KitException unusable(Path directory, IOException e) {
    return new KitException(
        ErrorCode.UNAUTHORISED,
        "the data directory "
            + directory
            + " cannot be used ("
            + e
            + "); name a directory that this user may read and write",
        e);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(DataDirectory.class)
          .debug("closing the lock of a data directory failed", e);
    }
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /** The identity that is kept in it. */
  public Identity identity() {
    return identity;
  }

  /** Lets other processes use the directory. */
  @Override
  public void close() {
    if (lock.isValid()) {
      closeQuietly(channel);
    }
  }
}
