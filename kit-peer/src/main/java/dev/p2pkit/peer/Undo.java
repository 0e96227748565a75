// Takes back what a start has done so far, if the start fails.
package dev.p2pkit.peer;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps that undo a start, last one first. A step that fails does not keep the others from
 * running. Not thread-safe.
 */
final class Undo {
  private static final Logger log = LoggerFactory.getLogger(Undo.class);

  private final Deque<Runnable> steps = new ArrayDeque<>();

  /** Remembers how to undo what has just been done. */
  void add(Runnable step) {
    steps.push(step);
  }

  /** Undoes everything; may block. */
  void run() {
    for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
      try {
        step.run();
      } catch (RuntimeException e) {
        // The failure of the start is what the caller hears of.
        log.warn("a failed start could not be taken back entirely", e);
      }
    }
  }
}
