// The archives of a peer as files named by their hash.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.overlay.transport.DurableFiles;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps archives in a directory, one file each, named {@code <sha-256>.jar}. A file gets its name
 * only when it is whole. Files that were there at the start are hashed before they are first used;
 * one that is not what its name says is deleted, and the archive is fetched anew. Thread-safe.
 */
public final class ArchiveStore implements ArchiveStorage {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveStore.class);
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}\\.jar");
  private static final String PART = ".part";

  private final Path directory;
  private final Executor io;
  private final Consumer<LongConsumer> reentry;
  private final Set<String> here = ConcurrentHashMap.newKeySet();
  private final AtomicLong parts = new AtomicLong();

  /**
   * Opens or makes the directory, checks what is in it, and clears away what was left half way.
   *
   * @param io where files are read and written: one thread, so that tasks keep their order
   * @param reentry runs an action on the machine's thread with its time
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if the directory cannot be used
   */
  public ArchiveStore(Path directory, Executor io, Consumer<LongConsumer> reentry) {
    this.directory = directory;
    this.io = io;
    this.reentry = reentry;
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        files.forEach(this::examine);
      }
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  private void examine(Path file) {
    String name = String.valueOf(file.getFileName());
    try {
      if (name.endsWith(PART)) {
        Files.delete(file);
      } else if (NAME.matcher(name).matches()) {
        String hash = name.substring(0, name.length() - 4);
        if (isWhole(file, hash)) {
          here.add(hash);
        } else {
          LOG.warn("the archive {} is damaged; it is deleted and will be fetched anew", file);
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot examine {} in the archive store", file, e);
    }
  }

  private static boolean isWhole(Path file, String hash) throws IOException {
    return Files.size(file) <= Archive.MAX_BYTES && hashOf(file).equals(hash);
  }

  private static String hashOf(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[Chunks.BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static KitException unusable(Path path, Exception cause) {
    return new KitException(
        ErrorCode.BAD_ARCHIVE,
        "cannot keep archives in "
            + path
            + " ("
            + cause
            + "); check its permissions and the space on its disk",
        cause);
  }

  /**
   * Keeps an archive; blocks. Any thread.
   *
   * @throws KitException with {@link ErrorCode#BAD_ARCHIVE} if it cannot be written
   */
  public void put(Archive archive) {
    if (here.contains(archive.hash())) {
      return;
    }
    Path part = part(archive.hash());
    try {
      Files.write(part, archive.content(), StandardOpenOption.CREATE_NEW);
      keep(part, archive.hash());
    } catch (IOException e) {
      delete(part);
      throw unusable(directory, e);
    }
  }

  private void keep(Path part, String hash) throws IOException {
    DurableFiles.OF_HOST.settle(part, file(hash));
    here.add(hash);
  }

  private Path part(String hash) {
    return directory.resolve(hash + "." + parts.incrementAndGet() + PART);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot delete {}", file, e);
    }
  }

  /** The file of an archive, which is there if {@link #has} says so. */
  public Path file(String hash) {
    return directory.resolve(hash + ".jar");
  }

  @Override
  public void check(String hash, Completion<Boolean> done) {
    answer(done, () -> verify(hash));
  }

  private boolean verify(String hash) {
    try {
      if (isWhole(file(hash), hash)) {
        return true;
      }
      LOG.warn("the archive {} was changed on disk; it is deleted", file(hash));
    } catch (IOException e) {
      LOG.warn("the archive {} cannot be read", file(hash), e);
    }
    here.remove(hash);
    delete(file(hash));
    return false;
  }

  @Override
  public void forget(String hash) {
    if (here.remove(hash)) {
      io.execute(() -> delete(file(hash)));
    }
  }

  @Override
  public Set<String> all() {
    return Set.copyOf(here);
  }

  @Override
  public boolean has(String hash) {
    return here.contains(hash);
  }

  @Override
  public void read(String hash, int index, Completion<Optional<byte[]>> done) {
    answer(done, () -> chunk(hash, index));
  }

  private Optional<byte[]> chunk(String hash, int index) {
    try (FileChannel channel = FileChannel.open(file(hash), StandardOpenOption.READ)) {
      long from = (long) index * Chunks.BYTES;
      long length = Math.min(Chunks.BYTES, channel.size() - from);
      if (length <= 0) {
        return Optional.empty();
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, from + buffer.position()) < 0) {
          return Optional.empty();
        }
      }
      return Optional.of(buffer.array());
    } catch (IOException e) {
      LOG.warn("cannot read the archive {}", file(hash), e);
      here.remove(hash);
      return Optional.empty();
    }
  }

  @Override
  public Incoming receive(Edition edition) {
    return new PartFile(edition, part(edition.archive()));
  }

  private <T> void answer(Completion<T> done, Supplier<T> work) {
    io.execute(
        () -> {
          T outcome = work.get();
          reentry.accept(now -> done.done(now, outcome));
        });
  }

  /** An archive that arrives, in a file of its own. */
  private final class PartFile implements Incoming {
    private final Edition edition;
    private final Path part;

    PartFile(Edition edition, Path part) {
      this.edition = edition;
      this.part = part;
    }

    @Override
    public void write(int index, byte[] chunk, Completion<Boolean> done) {
      answer(
          done,
          () -> {
            try (FileChannel channel =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
              ByteBuffer buffer = ByteBuffer.wrap(chunk);
              long at = (long) index * Chunks.BYTES;
              while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
              }
              return true;
            } catch (IOException e) {
              LOG.warn("cannot write the archive {}", part, e);
              return false;
            }
          });
    }

    @Override
    public void finish(Completion<Whole> done) {
      answer(
          done,
          () -> {
            try {
              if (!isWhole(part, edition.archive())) {
                return Whole.MISMATCH;
              }
              keep(part, edition.archive());
              return Whole.KEPT;
            } catch (IOException e) {
              LOG.warn("cannot keep the archive {}", part, e);
              return Whole.NOT_KEPT;
            }
          });
    }

    @Override
    public void abandon() {
      io.execute(() -> delete(part));
    }
  }
}
