// The directory in which one peer keeps what survives a restart.
package dev.p2pkit.overlay.transport;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A data directory in use by this process, locked against others until it is closed or the process
 * ends.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "lock";
  private static final int NONCE_BYTES = 16;

  /** Made anew by the kernel at each start of the machine; Linux only. */
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /**
   * What this process has open. POSIX gives up all locks of a process on a file as soon as the
   * process closes any handle of it, so a second handle must not be opened in the first place.
   */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Path key;
  private final FileChannel channel;
  private final FileLock lock;
  private final Identity identity;
  private final Optional<Key> name;

  private DataDirectory(
      Path path,
      Path key,
      FileChannel channel,
      FileLock lock,
      Identity identity,
      Optional<Key> name) {
    this.path = path;
    this.key = key;
    this.channel = channel;
    this.lock = lock;
    this.identity = identity;
    this.name = name;
  }

  /**
   * Makes the directory if it is missing (for this process's user alone, where the file system
   * knows modes), locks it and reads or makes the identity in it. Blocks on the disk.
   *
   * @throws KitException ADDRESS_IN_USE if another peer uses it; UNAUTHORISED if it cannot be read
   *     and written or its identity is damaged
   */
  public static DataDirectory open(Path directory) {
    return open(directory, 0, made -> {});
  }

  /**
   * As {@link #open(Path)}; an identity that is made solves an {@link IdPuzzle}, which takes about
   * 2 to the power of {@code bits} key pairs.
   *
   * @param bits how hard the puzzle is, 0 for none
   * @param progress gets the number of key pairs made so far, now and then
   */
  public static DataDirectory open(Path directory, int bits, LongConsumer progress) {
    Path key;
    try {
      make(directory);
      key = directory.toRealPath();
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    if (!OPEN.add(key)) {
      throw inUse(directory);
    }
    try {
      return lock(directory, key, bits, progress);
    } catch (RuntimeException e) {
      OPEN.remove(key);
      throw e;
    }
  }

  /**
   * Nobody but the peer's user looks into a directory that the peer makes: besides its key it holds
   * the states of services and the bodies of dead letters. One that is there already stays as its
   * owner has made it.
   */
  private static void make(Path directory) throws IOException {
    Path whole = directory.toAbsolutePath();
    if (Files.isDirectory(whole)) {
      return;
    }
    Path parent = whole.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    boolean modes = whole.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        modes
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(whole, attributes);
  }

  private static DataDirectory lock(Path directory, Path key, int bits, LongConsumer progress) {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              directory.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw inUse(directory);
      }
      return new DataDirectory(
          directory,
          key,
          channel,
          lock,
          Identity.loadOrCreate(directory, bits, progress),
          nameOf(directory.resolve(LOCK_FILE), channel));
    } catch (IOException e) {
      closeQuietly(channel);
      throw unusable(directory, e);
    } catch (RuntimeException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static KitException inUse(Path directory) {
    return new KitException(
        ErrorCode.ADDRESS_IN_USE,
        "the data directory "
            + directory
            + " is used by another peer; stop that one or name another directory");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /**
   * Names a lock so that nothing but this very file on this very run of this machine has the name:
   * a copy of the directory is another file, and the same file seen from another host is under
   * another kernel, which may not share locks with this one.
   */
  private static Optional<Key> nameOf(Path file, FileChannel channel) throws IOException {
    Object fileKey = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    if (fileKey == null || !Files.isReadable(BOOT_ID)) {
      return Optional.empty();
    }
    byte[] nonce = new byte[NONCE_BYTES];
    if (channel.read(ByteBuffer.wrap(nonce), 0) < NONCE_BYTES) {
      new SecureRandom().nextBytes(nonce);
      channel.write(ByteBuffer.wrap(nonce), 0);
    }
    HashCode hash =
        Hashing.sha256()
            .newHasher()
            .putBytes(Files.readAllBytes(BOOT_ID))
            .putString(fileKey.toString(), StandardCharsets.UTF_8)
            .putBytes(nonce)
            .hash();
    return Optional.of(Key.of(Arrays.copyOf(hash.asBytes(), Key.BYTES)));
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

  /**
   * Names the lock that this process holds until {@link #close} or its death; empty where the
   * system does not tell what it takes to name it. Two processes that name the same lock did not
   * live at the same time.
   */
  public Optional<Key> lock() {
    return name;
  }

  /** Lets other processes use the directory. */
  @Override
  public void close() {
    if (lock.isValid()) {
      closeQuietly(channel);
      OPEN.remove(key);
    }
  }
}
