// The handshakes of all transports of one Vert.x.
package dev.p2pkit.overlay.transport;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Bounds the handshakes that the transports of one Vert.x make at a time: they share its threads,
 * and what begins beyond what the processors can do ends by its time-out, is tried again, and makes
 * the next ones later still. Dials and accepted connections have places of their own, since two
 * peers of one process could otherwise wait for each other. Thread-safe.
 */
final class Handshakes implements Shareable {
  /** Longer than a handshake takes where the processors have time. */
  private static final long COUNTS_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long RECHECK_MILLIS = 250;
  private static final String NAME = "dev.p2pkit.handshakes";

  private final Vertx vertx;
  private final Gate dialled = new Gate(COUNTS_NANOS);
  private final Gate accepted = new Gate(COUNTS_NANOS);
  private final AtomicBoolean checking = new AtomicBoolean();

  private Handshakes(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Those of this Vert.x. */
  static Handshakes of(Vertx vertx) {
    return vertx
        .sharedData()
        .<String, Handshakes>getLocalMap(NAME)
        .computeIfAbsent(NAME, name -> new Handshakes(vertx));
  }

  Gate dialled() {
    return dialled;
  }

  Gate accepted() {
    return accepted;
  }

  /** Takes a place of one of the gates; false if too many wait. */
  boolean enter(Gate.Place place) {
    boolean entered = place.enter(System.nanoTime());
    check();
    return entered;
  }

  /** Places stop counting by time alone: while somebody waits, that is looked at. */
  private void check() {
    if ((dialled.isWaitedFor() || accepted.isWaitedFor()) && checking.compareAndSet(false, true)) {
      vertx.setTimer(
          RECHECK_MILLIS,
          ignored -> {
            checking.set(false);
            dialled.recheck(System.nanoTime());
            accepted.recheck(System.nanoTime());
            check();
          });
    }
  }
}
