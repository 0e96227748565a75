// Writes the notices of one kind to their file, and again what found no room.
package dev.p2pkit.peer.notices;

import dev.p2pkit.sdk.KitException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cannot be written, because the disk is full, is counted, said once, and tried again until it
 * is written or something newer is. Thread-safe.
 */
public final class NoticeWriter<N> {
  private static final Logger LOG = LoggerFactory.getLogger(NoticeWriter.class);

  private final NoticeFile<N> file;
  private final Executor io;
  private final Executor later;
  private final LongAdder failures = new LongAdder();
  // On io only.
  private @Nullable List<N> unwritten;

  /**
   * Writes to a file.
   *
   * @param io where it is written: one thread, so that the last state is written last
   * @param later the same thread, after a while: what could not be written is tried again then
   */
  public NoticeWriter(NoticeFile<N> file, Executor io, Executor later) {
    this.file = file;
    this.io = io;
    this.later = later;
  }

  /** Writes these in place of those before. */
  void keep(List<N> all) {
    io.execute(() -> write(all));
  }

  /** How often notices could not be written so far. */
  long failures() {
    return failures.sum();
  }

  private void write(List<N> all) {
    boolean before = unwritten != null;
    try {
      file.save(all);
      unwritten = null;
      if (before) {
        LOG.info("the {} are kept again", file.name());
      }
    } catch (KitException e) {
      failures.increment();
      unwritten = all;
      if (!before) {
        LOG.warn(
            "{}; it is tried again until then, and what is new is lost if this peer stops before,"
                + " until its neighbours tell it again",
            e.detail());
        later.execute(this::tryAgain);
      }
    }
  }

  /** One look at a time is to come as long as something is not written. */
  private void tryAgain() {
    List<N> all = unwritten;
    if (all == null) {
      return;
    }
    write(all);
    if (unwritten != null) {
      later.execute(this::tryAgain);
    }
  }
}
