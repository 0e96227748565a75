// The StateStore in a file of MVStore, the storage engine of the H2 database.
package dev.p2pkit.peer.store;

import dev.p2pkit.overlay.transport.DurableFiles;
import dev.p2pkit.peer.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file, and beside it {@code FILE.mark}: the number of the last commit. MVStore falls back to
 * an older commit where the newest is damaged, which would lose what was acknowledged without a
 * word; a file that is behind its mark is therefore damaged. The mark is written after each commit
 * without waiting for the disk, so a loss of power may leave it behind, but never ahead.
 *
 * <p>Each value carries the CRC32C of table, key and content. Space of old commits is used again at
 * once ({@code retentionTime} 0), which is safe only because each commit waits for the disk.
 */
public final class MvStateStore implements StateStore {
  private static final Logger LOG = LoggerFactory.getLogger(MvStateStore.class);

  /** A file without a limit of its own. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final String META = "p2pkit";
  private static final String COMMITS = "commits";
  private static final int CHECK_BYTES = Integer.BYTES;
  private static final int MARK_BYTES = Long.BYTES + CHECK_BYTES;
  private static final int CACHE_MIB = 1;
  // Below this share of live data, in percent, a file is made smaller; not while it is small.
  private static final int LEAST_FILL = 50;
  private static final long SMALL_FILE = 4 << 20;
  private static final int COMPACT_EVERY = 256;
  private static final int COMPACT_MILLIS = 50;

  private final Path file;
  private final long maxBytes;
  private final MVStore store;
  private final FileChannel mark;
  private final Map<String, MVMap<String, byte[]>> tables = new HashMap<>();
  private long commits;
  private boolean closed;

  private MvStateStore(Path file, long maxBytes, MVStore store, FileChannel mark) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.store = store;
    this.mark = mark;
    this.commits = number(get(META, COMMITS));
  }

  /**
   * Opens a file, and makes it if it is not there; only this user may read it then.
   *
   * @param maxBytes the largest that the file may become; a commit that finds it larger fails as
   *     FULL. {@link #UNLIMITED} for none
   * @throws StoreException DAMAGED if it is not what was written, FULL, or FAILED; nothing stays
   *     open then
   */
  public static MvStateStore open(Path file, long maxBytes) {
    @Nullable FileChannel mark = null;
    @Nullable MVStore store = null;
    boolean complete = false;
    try {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      mark =
          FileChannel.open(
              markOf(file),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              DurableFiles.ownerOnly());
      OptionalLong marked = readMark(mark);
      boolean isNew = !Files.exists(file) || Files.size(file) == 0;
      if (isNew && marked.isPresent()) {
        throw damaged(file, "is empty or gone, but its mark is there", null);
      }
      if (!Files.exists(file)) {
        Files.createFile(file, DurableFiles.ownerOnly());
      }
      store =
          new MVStore.Builder()
              .fileName(file.toString())
              .autoCommitDisabled()
              .cacheSize(CACHE_MIB)
              .open();
      store.setRetentionTime(0);
      store.setVersionsToKeep(0);
      MvStateStore opened = new MvStateStore(file, maxBytes, store, mark);
      if (opened.commits < marked.orElse(0)) {
        throw damaged(
            file,
            "has the state of commit " + opened.commits + ", but " + marked.getAsLong() + " was on",
            null);
      }
      complete = true;
      return opened;
    } catch (IOException e) {
      throw failed(file, e);
    } catch (MVStoreException | IllegalArgumentException | IllegalStateException e) {
      throw failed(file, e);
    } finally {
      if (!complete) {
        closeAll(store, mark);
      }
    }
  }

  /** The file beside a store's that holds the number of its last commit. */
  public static Path markOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".mark");
  }

  /** Deletes a store's files, which must not be open. */
  public static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(markOf(file));
  }

  @Override
  public Optional<byte[]> get(String table, String key) {
    return guarded(
        () -> {
          byte[] stored = table(table).get(key);
          return stored == null ? Optional.empty() : Optional.of(unwrap(table, key, stored));
        });
  }

  @Override
  public void forEach(String table, BiConsumer<String, byte[]> each) {
    run(() -> table(table).forEach((key, stored) -> each.accept(key, unwrap(table, key, stored))));
  }

  @Override
  public int size(String table) {
    return guarded(() -> table(table).size());
  }

  @Override
  public void put(String table, String key, byte[] value) {
    run(() -> table(table).put(key, wrap(table, key, value)));
  }

  @Override
  public void remove(String table, String key) {
    run(() -> table(table).remove(key));
  }

  @Override
  public void clear(String table) {
    run(() -> table(table).clear());
  }

  @Override
  public void commit() {
    boolean complete = false;
    try {
      long next = commits + 1;
      put(META, COMMITS, bytes(next));
      if (store.getFileStore().size() > maxBytes) {
        throw new StoreException(
            Kind.FULL,
            file + " has reached its limit of " + maxBytes + " bytes; keep less, or raise it");
      }
      store.commit();
      store.sync();
      commits = next;
      writeMark();
      if (next % COMPACT_EVERY == 0) {
        compact();
      }
      complete = true;
    } catch (IOException | MVStoreException | IllegalArgumentException | IllegalStateException e) {
      throw failed(file, e);
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private void compact() {
    if (store.getFileStore().size() > SMALL_FILE
        && store.getFileStore().getFillRate() < LEAST_FILL) {
      store.compactFile(COMPACT_MILLIS);
      store.sync();
    }
  }

  @Override
  public void rollback() {
    run(
        () -> {
          store.rollback();
          // Tables that were made since are gone with it.
          tables.clear();
        });
  }

  @Override
  public long commits() {
    return commits;
  }

  @Override
  public long fileBytes() {
    return guarded(() -> store.getFileStore().size());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      closeAll(store, mark);
    }
  }

  private static void closeAll(@Nullable MVStore store, @Nullable FileChannel mark) {
    try {
      if (store != null) {
        store.closeImmediately();
      }
    } catch (RuntimeException e) {
      // What is on the disk is what was committed, whatever happens here.
      LOG.debug("a store was not closed well", e);
    }
    try {
      if (mark != null) {
        mark.close();
      }
    } catch (IOException e) {
      LOG.debug("a mark was not closed well", e);
    }
  }

  private MVMap<String, byte[]> table(String name) {
    if (closed) {
      throw new StoreException(Kind.FAILED, file + " is closed");
    }
    return tables.computeIfAbsent(
        name,
        any ->
            store.openMap(
                any,
                new MVMap.Builder<String, byte[]>()
                    .keyType(StringDataType.INSTANCE)
                    .valueType(ByteArrayDataType.INSTANCE)));
  }

  private void run(Runnable work) {
    var unused =
        guarded(
            () -> {
              work.run();
              return file;
            });
  }

  private <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (MVStoreException | IllegalArgumentException | IllegalStateException e) {
      throw failed(file, e);
    }
  }

  private byte[] unwrap(String table, String key, byte[] stored) {
    int length = stored.length - CHECK_BYTES;
    if (length < 0
        || ByteBuffer.wrap(stored).getInt() != check(table, key, stored, CHECK_BYTES, length)) {
      throw damaged(file, "holds a value under " + table + "/" + key + " that was changed", null);
    }
    byte[] value = new byte[length];
    System.arraycopy(stored, CHECK_BYTES, value, 0, length);
    return value;
  }

  private static byte[] wrap(String table, String key, byte[] value) {
    return ByteBuffer.allocate(CHECK_BYTES + value.length)
        .putInt(check(table, key, value, 0, value.length))
        .put(value)
        .array();
  }

  private static int check(String table, String key, byte[] value, int from, int length) {
    CRC32C check = new CRC32C();
    check.update(table.getBytes(StandardCharsets.UTF_8));
    check.update(0);
    check.update(key.getBytes(StandardCharsets.UTF_8));
    check.update(0);
    check.update(value, from, length);
    return (int) check.getValue();
  }

  private static long number(Optional<byte[]> value) {
    return value.map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static OptionalLong readMark(FileChannel mark) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MARK_BYTES);
    if (mark.read(bytes, 0) < MARK_BYTES) {
      return OptionalLong.empty();
    }
    bytes.flip();
    long number = bytes.getLong();
    // Torn by a loss of power: then it says nothing.
    return bytes.getInt() == markCheck(number) ? OptionalLong.of(number) : OptionalLong.empty();
  }

  private void writeMark() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MARK_BYTES).putLong(commits).putInt(markCheck(commits));
    mark.write(bytes.flip(), 0);
  }

  private static int markCheck(long number) {
    CRC32C check = new CRC32C();
    check.update(bytes(number));
    return (int) check.getValue();
  }

  private static StoreException damaged(Path file, String how, @Nullable Throwable cause) {
    StoreException damage = new StoreException(Kind.DAMAGED, file + " " + how);
    if (cause != null) {
      damage.initCause(cause);
    }
    return damage;
  }

  private static StoreException failed(Path file, Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (text.contains("no space left") || text.contains("not enough space")) {
        return new StoreException(
            Kind.FULL, "the disk of " + file + " is full; make room, it goes on by itself", e);
      }
    }
    if (e instanceof MVStoreException broken
        && (broken.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT
            || broken.getErrorCode() == DataUtils.ERROR_CHUNK_NOT_FOUND
            || broken.getErrorCode() == DataUtils.ERROR_UNSUPPORTED_FORMAT
            || broken.getErrorCode() == DataUtils.ERROR_INTERNAL
            || broken.getErrorCode() == DataUtils.ERROR_READING_FAILED)) {
      return damaged(file, "cannot be read: " + e.getMessage(), e);
    }
    if (e instanceof IllegalArgumentException || e instanceof IllegalStateException) {
      return damaged(file, "cannot be read: " + e, e);
    }
    return new StoreException(Kind.FAILED, file + " cannot be used: " + e.getMessage(), e);
  }
}
