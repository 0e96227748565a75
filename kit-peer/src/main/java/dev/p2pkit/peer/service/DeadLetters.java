// The messages that services gave up with nobody left to tell: bounded, and kept over restarts.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.MvStateStore;
import dev.p2pkit.peer.store.StateStore;
import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters of a peer. What is here is in memory, and on the disk shortly afterwards; beyond
 * the bounds some are forgotten, and counted, by the choice of {@link LetterShares}. The file is
 * made with the first letter. Where it cannot be written, the letters stay in memory and are
 * written when it can; where it is found damaged, it is moved aside, and a new one begun.
 * Thread-safe; only the disk's thread touches the file.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  /** The most bytes that are kept. */
  static final long MOST_BYTES = 8 << 20;

  private static final int LONGEST_REASON = 2_000;
  private static final long RETRY_NANOS = 2_000_000_000;
  private static final String LETTERS = "letters";
  private static final String COUNTS = "counts";
  private static final String NEXT = "next";
  private static final String FORGOTTEN = "forgotten";

  private final Path file;
  private final int most;
  private final Executor disk;
  private final LongSupplier nanoTime;
  private final TreeMap<Long, DeadLetter> letters = new TreeMap<>();
  private final LetterShares shares = new LetterShares();
  private final Map<ServiceKey, Long> counts = new HashMap<>();

  /** What has changed since it was written last: the letter, or empty if it is gone. */
  private Map<Long, Optional<DeadLetter>> changes = new HashMap<>();

  private long bytes;
  private long next = 1;
  private long setAside;
  private long forgotten;
  private boolean writing;
  private boolean damaged;

  // For the disk's thread.
  private @Nullable StateStore store;
  private boolean complained;
  private volatile boolean stale;
  private volatile boolean closed;
  private volatile long nextTry;

  /**
   * Reads what an earlier process has kept.
   *
   * @param most how many letters are kept
   * @param disk runs what touches the file, one thing at a time
   * @param nanoTime as {@link System#nanoTime}
   */
  DeadLetters(Path file, int most, Executor disk, LongSupplier nanoTime) {
    this.file = file;
    this.most = most;
    this.disk = disk;
    this.nanoTime = nanoTime;
    if (Files.exists(file)) {
      read();
      makeRoom();
    }
  }

  private void read() {
    StateStore opened = null;
    boolean complete = false;
    try {
      opened = MvStateStore.open(file, MvStateStore.UNLIMITED);
      opened.forEach(
          LETTERS,
          (key, value) -> {
            long number = HexFormat.fromHexDigitsToLong(key);
            letters.put(number, StoredDeadLetter.decode(number, value));
          });
      next = number(opened, NEXT, 1);
      forgotten = number(opened, FORGOTTEN, 0);
      for (DeadLetter letter : letters.values()) {
        shares.add(letter);
        bytes += letter.bytes();
      }
      store = opened;
      complete = true;
    } catch (StoreException e) {
      damaged = true;
      letters.clear();
      LOG.error("the dead letters of an earlier process cannot be read", e);
    } finally {
      if (!complete) {
        if (opened != null) {
          opened.close();
        }
        moveAside();
      }
    }
  }

  private static long number(StateStore from, String key, long otherwise) {
    return from.get(COUNTS, key)
        .map(
            value -> {
              if (value.length != Long.BYTES) {
                throw new StoreException(
                    StoreException.Kind.DAMAGED, "a count of dead letters is no number");
              }
              return ByteBuffer.wrap(value).getLong();
            })
        .orElse(otherwise);
  }

  private void moveAside() {
    Path moved = file.resolveSibling(file.getFileName() + ".damaged-" + System.currentTimeMillis());
    try {
      Files.move(file, moved, StandardCopyOption.REPLACE_EXISTING);
      MvStateStore.delete(file);
      LOG.error("{} was moved to {}; a new file is begun", file, moved);
    } catch (IOException e) {
      LOG.error("{} cannot be moved to {}", file, moved, e);
    }
  }

  /** Sets a message aside that nobody waits for; the number it is known by. */
  synchronized long add(
      Release release,
      ServiceKey service,
      String version,
      ErrorCode code,
      Message message,
      String reason) {
    long number = next++;
    setAside++;
    counts.merge(service, 1L, Long::sum);
    put(
        new DeadLetter(
            number,
            service,
            release.lineage(),
            release.epoch(),
            version,
            code,
            message,
            shorten(reason),
            Instant.now()));
    makeRoom();
    return number;
  }

  private void makeRoom() {
    while (letters.size() > most || bytes > MOST_BYTES) {
      // One that would push out all others goes itself.
      boolean tooLong = !letters.isEmpty() && letters.lastEntry().getValue().bytes() > MOST_BYTES;
      drop(tooLong ? letters.lastKey() : shares.next(letters.size() <= most));
      forgotten++;
    }
  }

  private static String shorten(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
  }

  private void put(DeadLetter letter) {
    letters.put(letter.number(), letter);
    shares.add(letter);
    bytes += letter.bytes();
    changed(letter.number(), Optional.of(letter));
  }

  private boolean drop(long number) {
    DeadLetter gone = letters.remove(number);
    if (gone == null) {
      return false;
    }
    shares.remove(gone);
    bytes -= gone.bytes();
    changed(number, Optional.empty());
    return true;
  }

  private void changed(long number, Optional<DeadLetter> now) {
    changes.put(number, now);
    if (!writing) {
      writing = true;
      disk.execute(this::writeUnlessLate);
    }
  }

  /** Forgets a letter at somebody's word; false if there is none of this number. */
  synchronized boolean remove(long number) {
    return drop(number);
  }

  /** One more attempt has failed. */
  synchronized void failedAgain(long number, ErrorCode code, String reason) {
    DeadLetter letter = letters.get(number);
    if (letter != null) {
      shares.remove(letter);
      bytes -= letter.bytes();
      put(letter.again(code, shorten(reason)));
      makeRoom();
    }
  }

  /** The letter of this number. */
  synchronized Optional<DeadLetter> get(long number) {
    return Optional.ofNullable(letters.get(number));
  }

  /** All that are kept, the oldest first. */
  synchronized List<DeadLetter> all() {
    return List.copyOf(letters.values());
  }

  /** How many were set aside since the start, those no longer kept included. */
  synchronized long setAside() {
    return setAside;
  }

  /** How many of a service were set aside since the start. */
  synchronized long setAside(ServiceKey service) {
    return counts.getOrDefault(service, 0L);
  }

  /** How many were forgotten for lack of room, also before the start. */
  synchronized long forgotten() {
    return forgotten;
  }

  /** Whether the file was found damaged. */
  synchronized boolean wasDamaged() {
    return damaged;
  }

  /** Writes what has changed, unless the disk is to be left alone; on the disk's thread. */
  private void writeUnlessLate() {
    if (stale && nanoTime.getAsLong() - nextTry < 0) {
      // All that is in memory is written when it is time: others wait for this thread.
      synchronized (this) {
        changes = new HashMap<>();
        writing = false;
      }
    } else {
      write();
    }
  }

  /** Writes what has changed; on the disk's thread. */
  private void write() {
    if (closed) {
      return;
    }
    Map<Long, Optional<DeadLetter>> now;
    List<DeadLetter> whole;
    long nextNow;
    long forgottenNow;
    synchronized (this) {
      now = changes;
      changes = new HashMap<>();
      writing = false;
      whole = stale ? all() : List.of();
      nextNow = next;
      forgottenNow = forgotten;
    }
    try {
      StateStore present = store;
      if (present == null) {
        present = MvStateStore.open(file, MvStateStore.UNLIMITED);
        store = present;
      }
      if (stale) {
        // An earlier write has failed: what is in memory counts.
        present.clear(LETTERS);
        for (DeadLetter letter : whole) {
          present.put(LETTERS, key(letter.number()), StoredDeadLetter.encode(letter));
        }
      } else {
        apply(now, present);
      }
      present.put(COUNTS, NEXT, ByteBuffer.allocate(Long.BYTES).putLong(nextNow).array());
      present.put(COUNTS, FORGOTTEN, ByteBuffer.allocate(Long.BYTES).putLong(forgottenNow).array());
      present.commit();
      stale = false;
      complained = false;
    } catch (StoreException e) {
      failed(e);
    }
  }

  private static void apply(Map<Long, Optional<DeadLetter>> changes, StateStore to) {
    changes.forEach(
        (number, letter) -> {
          if (letter.isPresent()) {
            to.put(LETTERS, key(number), StoredDeadLetter.encode(letter.get()));
          } else {
            to.remove(LETTERS, key(number));
          }
        });
  }

  private void failed(StoreException e) {
    nextTry = nanoTime.getAsLong() + RETRY_NANOS;
    stale = true;
    if (store != null) {
      store.close();
      store = null;
    }
    if (!complained) {
      complained = true;
      LOG.warn("dead letters are in memory only, until they can be written: {}", e.getMessage());
    }
  }

  /** Writes again what could not be written; on the disk's thread. */
  private void writeIfStale() {
    if (stale) {
      write();
    }
  }

  /** Tries again now and then what could not be written. */
  void watch(long nowNanos) {
    if (stale && nowNanos - nextTry > 0) {
      nextTry = nowNanos + RETRY_NANOS;
      disk.execute(this::writeIfStale);
    }
  }

  /** Writes what is left and closes the file; on the disk's thread, when nothing else uses it. */
  void close() {
    writeIfStale();
    closed = true;
    if (store != null) {
      store.close();
      store = null;
    }
  }

  private static String key(long number) {
    return HexFormat.of().toHexDigits(number);
  }
}
