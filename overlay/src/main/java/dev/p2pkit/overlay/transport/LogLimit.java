// Keeps what strangers do from filling the log.
package dev.p2pkit.overlay.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/** Logs at most once a second what anybody who can connect may cause; the rest at debug. */
final class LogLimit {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MOST_CHARS = 300;

  private final Logger log;
  private final AtomicLong next = new AtomicLong(System.nanoTime());

  LogLimit(Logger log) {
    this.log = log;
  }

  /** The second argument may be what a stranger has sent; only its beginning is logged. */
  void warn(String format, Object first, String text) {
    String second = text.length() > MOST_CHARS ? text.substring(0, MOST_CHARS) + "..." : text;
    long now = System.nanoTime();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL_NANOS)) {
      log.warn(format, first, second);
    } else {
      log.debug(format, first, second);
    }
  }
}
