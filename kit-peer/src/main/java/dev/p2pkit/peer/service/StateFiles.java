// The state files of a peer: where they are, and what happens to one that cannot be used.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.MvStateStore;
import dev.p2pkit.peer.store.StateStore;
import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.NetworkEvent.ServiceStateDamaged;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file per service, so that a damaged one costs that service alone. A file that cannot be used
 * is never deleted: it is moved aside, and while it lies there the service does not begin anew
 * unless its descriptor allows it. Thread-safe.
 */
public final class StateFiles {
  private static final Logger LOG = LoggerFactory.getLogger(StateFiles.class);
  private static final String SUFFIX = ".state";
  private static final String DAMAGED = ".damaged-";
  private static final String FORMER = ".former-";

  private final Path directory;
  private final long maxBytes;
  private final LongAdder damaged = new LongAdder();

  /** Whoever looks into a file only to see whose it is keeps nobody from opening it. */
  private final ReadWriteLock opening = new ReentrantReadWriteLock();

  /**
   * Files below a directory, which is made when it is needed.
   *
   * @param maxBytes the largest that one may become
   */
  public StateFiles(Path directory, long maxBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  /** An open file and what was in it. */
  record Opened(Path file, StateStore store, Optional<SavedState> saved) {}

  /** How many files were found damaged since the start. */
  long damaged() {
    return damaged.sum();
  }

  Path file(ServiceKey key) {
    return directory
        .resolve(ServicePlace.fileName(key.name()))
        .resolve(ServicePlace.fileName(key.instance()) + SUFFIX);
  }

  /** As below, for a version that takes no state of a later release. */
  Opened open(Version version, Consumer<NetworkEvent> events) {
    return open(version, version.release().epoch(), events);
  }

  /**
   * Deletes the state that a service has left which has ended and runs nowhere in this process. One
   * that cannot be read stays: whose it is is not known.
   *
   * @param lineage as {@link Release#lineage}; the state of another service of that name stays
   * @return whether there was one
   */
  boolean forget(ServiceKey key, String lineage) {
    opening.writeLock().lock();
    try {
      boolean its = peek(key).filter(saved -> saved.head().lineage().equals(lineage)).isPresent();
      if (its) {
        MvStateStore.delete(file(key));
      }
      return its;
    } catch (IOException e) {
      LOG.warn("{} of {}, which has ended, cannot be deleted", file(key), key, e);
      return false;
    } finally {
      opening.writeLock().unlock();
    }
  }

  /** The state in a file, as far as it can be read; nothing is said of one that cannot. */
  Optional<SavedState> peek(ServiceKey key) {
    Path file = file(key);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Opened opened = read(file);
      opened.store().close();
      return opened.saved();
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  /**
   * Opens the file of a version that is to begin here, and reads it.
   *
   * @param epoch the latest release whose state is taken
   * @param events hears if it is damaged
   * @throws KitException MIGRATION_FAILED if it cannot be used, VERSION_SKEW if it holds the state
   *     of a later release, QUOTA if the disk is full; nothing is open then
   */
  Opened open(Version version, long epoch, Consumer<NetworkEvent> events) {
    ServiceKey key = version.release().key();
    Path file = file(key);
    boolean startAnew = version.manifest().state().map(Manifest.State::startAnew).orElse(false);
    if (!startAnew && !Files.exists(file)) {
      aside(file, DAMAGED)
          .ifPresent(
              damagedFile -> {
                throw unusable(key, "its state was found damaged", damagedFile, file);
              });
    }
    try {
      return checked(version, epoch, read(file));
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.DAMAGED) {
        throw refusal(e);
      }
      damaged.increment();
      Path moved = moveAside(file, DAMAGED);
      LOG.error("{}: {}; it was moved to {}", key, e.getMessage(), moved, e);
      events.accept(
          new ServiceStateDamaged(
              key.name(),
              key.instance(),
              moved.toString(),
              startAnew,
              String.valueOf(e.getMessage())));
      if (!startAnew) {
        throw unusable(key, String.valueOf(e.getMessage()), moved, file);
      }
      return fresh(file);
    }
  }

  private Opened checked(Version version, long epoch, Opened opened) {
    if (opened.saved().isEmpty()) {
      return opened;
    }
    SavedState.Head head = opened.saved().get().head();
    Release release = version.release();
    if (!head.lineage().equals(release.lineage())) {
      opened.store().close();
      Path moved = moveAside(opened.file(), FORMER);
      LOG.warn(
          "{}: {} holds the state of a service that had this name before; it was moved to {}",
          release.key(),
          opened.file(),
          moved);
      return fresh(opened.file());
    }
    if (head.epoch() > epoch) {
      opened.store().close();
      throw new KitException(
          ErrorCode.VERSION_SKEW,
          "the state of "
              + release.key()
              + " on this peer is of epoch "
              + head.epoch()
              + " (version "
              + head.version()
              + "), and epoch "
              + epoch
              + " is older; it runs again when this peer has the newer record");
    }
    return opened;
  }

  /** Opens a file and reads it, whatever it holds. */
  Opened read(Path file) {
    opening.readLock().lock();
    try {
      StateStore store = MvStateStore.open(file, maxBytes);
      boolean complete = false;
      try {
        Opened opened = new Opened(file, store, SavedState.load(store));
        complete = true;
        return opened;
      } finally {
        if (!complete) {
          store.close();
        }
      }
    } finally {
      opening.readLock().unlock();
    }
  }

  /** An empty file for a service whose state is in memory; what was there belongs to the past. */
  Opened fresh(Path file) {
    try {
      MvStateStore.delete(file);
      return read(file);
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.MIGRATION_FAILED, file + " cannot be replaced: " + e.getMessage(), e);
    } catch (StoreException e) {
      throw refusal(e);
    }
  }

  private static KitException refusal(StoreException e) {
    return new KitException(
        e.kind() == StoreException.Kind.FULL ? ErrorCode.QUOTA : ErrorCode.MIGRATION_FAILED,
        String.valueOf(e.getMessage()),
        e);
  }

  private static KitException unusable(ServiceKey key, String why, Path moved, Path file) {
    return new KitException(
        ErrorCode.MIGRATION_FAILED,
        key
            + " does not run on this peer: "
            + why
            + "; put a whole copy in the place of "
            + file
            + ", or delete "
            + moved
            + " to begin anew, and restart the peer");
  }

  private static Path moveAside(Path file, String kind) {
    Path moved = file.resolveSibling(file.getFileName() + kind + System.currentTimeMillis());
    try {
      if (Files.exists(file)) {
        Files.move(file, moved, StandardCopyOption.REPLACE_EXISTING);
      } else {
        // What is damaged is that it is gone; the empty file says so from now on.
        Files.createFile(moved);
      }
      MvStateStore.delete(file);
    } catch (IOException e) {
      LOG.error("{} cannot be moved to {}", file, moved, e);
    }
    return moved;
  }

  private static Optional<Path> aside(Path file, String kind) {
    Path parent = file.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return Optional.empty();
    }
    String begin = file.getFileName() + kind;
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            parent, path -> String.valueOf(path.getFileName()).startsWith(begin))) {
      for (Path one : all) {
        return Optional.of(one);
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be listed", parent, e);
    }
    return Optional.empty();
  }
}
