// The state file of one service while it is open: each write is a commit, or fails as a whole.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.MvStateStore;
import dev.p2pkit.peer.store.StateStore;
import dev.p2pkit.peer.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to one state file, and knows the last commit of which it has heard, so that a write that
 * failed half-way can be told from one that has not reached the disk. For the committer, or for
 * whoever has opened the file while nothing is written.
 */
final class StateFile {
  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

  private final StateFiles files;
  private Path file;
  private StateStore store;
  private boolean lost;
  private long lastCommit;

  StateFile(StateFiles files, StateFiles.Opened opened) {
    this.files = files;
    this.file = opened.file();
    this.store = opened.store();
    this.lastCommit = store.commits();
  }

  /** Opens the file again if a write has failed and {@link #giveUp} was said. */
  void ensureOpen() {
    if (lost) {
      store = files.read(file).store();
      lost = false;
    }
  }

  /**
   * Writes what turns have changed.
   *
   * @param state the state; empty if it is the one that the file has
   * @throws StoreException if the file has to be closed and read again
   */
  void write(Batch changes, Optional<byte[]> state) {
    ensureOpen();
    changes.writeTo(store);
    state.ifPresent(encoded -> store.put(SavedState.STATE, SavedState.ONLY, encoded));
    commit();
  }

  /**
   * Writes the state with the version whose it is from now on.
   *
   * @throws StoreException if the file has to be closed and read again
   */
  void establish(SavedState.Head head, byte[] state, Batch changes) {
    store.put(SavedState.HEAD, SavedState.ONLY, head.encode());
    store.put(SavedState.STATE, SavedState.ONLY, state);
    changes.writeTo(store);
    commit();
  }

  /**
   * As {@link #establish}, and afterwards the file is open in any case: a write that failed is as
   * good as any other if it has reached the disk.
   *
   * @throws StoreException if the file says what it said before, or cannot be read
   */
  void replace(SavedState.Head head, byte[] state, Batch changes) {
    long before = lastCommit;
    try {
      establish(head, state, changes);
    } catch (StoreException e) {
      store = files.read(file).store();
      lastCommit = store.commits();
      if (lastCommit == before) {
        throw e;
      }
    }
  }

  private void commit() {
    store.commit();
    lastCommit = store.commits();
  }

  /** Opens the file once more and reads what is on the disk; it is not written to yet. */
  StateFiles.Opened read() {
    return files.read(file);
  }

  /** Whether a write of which nobody has heard that it was done is on the disk nevertheless. */
  boolean hasLaterThanKnown(StateFiles.Opened opened) {
    return opened.store().commits() > lastCommit;
  }

  /** Goes on with what was read. */
  void goOn(StateFiles.Opened opened) {
    store = opened.store();
    lastCommit = store.commits();
  }

  /** It is closed, and opened again when there is something to write. */
  void giveUp() {
    lost = true;
  }

  /** The service has another name from now on, and so has the file. */
  void rename(ServiceKey key) {
    Path other = files.file(key);
    try {
      Files.createDirectories(other.toAbsolutePath().getParent());
      Files.move(file, other, StandardCopyOption.REPLACE_EXISTING);
      Files.move(
          MvStateStore.markOf(file),
          MvStateStore.markOf(other),
          StandardCopyOption.REPLACE_EXISTING);
      file = other;
    } catch (IOException e) {
      LOG.error("{} cannot be moved to {}", file, other, e);
    }
  }

  void close() {
    store.close();
  }

  /** Closes the file and deletes it. */
  void delete() {
    store.close();
    try {
      MvStateStore.delete(file);
    } catch (IOException e) {
      LOG.error("{} cannot be deleted", file, e);
    }
  }
}
