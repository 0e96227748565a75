// Has handshakes with those who dial this side wait for a place.
package dev.p2pkit.overlay.transport;

import io.netty.util.concurrent.Future;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Has a handshake that somebody else began wait for a place when its first words are to be worked
 * on: before that it has cost next to nothing, and who says nothing takes no place. Thread-safe.
 */
final class AcceptedTurns implements LinkEngines.Turns {
  private final Handshakes handshakes;
  private final LinkLimits limits;

  AcceptedTurns(Handshakes handshakes, LinkLimits limits) {
    this.handshakes = handshakes;
    this.limits = limits;
  }

  /** Whether a handshake failed because too many wait. */
  static boolean isRefusal(Throwable thrown) {
    @Nullable Throwable cause = thrown;
    while (cause != null && !(cause instanceof RejectedExecutionException)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  /** It waits on for nothing, and ends by the time-out of its greeting; the gate counts it. */
  private static void displaced() {}

  @Override
  public Executor of(String source, Future<?> over, Executor workers) {
    return new Turn(source, over, workers);
  }

  /** That of one handshake, whose tasks come one after the other. */
  private final class Turn implements Executor {
    private final String source;
    private final Future<?> over;
    private final Executor workers;
    private boolean entered;

    Turn(String source, Future<?> over, Executor workers) {
      this.source = source;
      this.over = over;
      this.workers = workers;
    }

    @Override
    public void execute(Runnable task) {
      if (entered) {
        workers.execute(task);
        return;
      }
      entered = true;
      Gate.Place place =
          handshakes
              .accepted()
              .place(
                  Sources.nameOf(source),
                  limits.handshakes(),
                  limits.waitingHandshakes(),
                  () -> workers.execute(task),
                  AcceptedTurns::displaced);
      if (!handshakes.enter(place)) {
        throw new RejectedExecutionException(
            "too many handshakes wait already, at most " + limits.waitingHandshakes() + " may");
      }
      over.addListener(ended -> place.leave(System.nanoTime()));
    }
  }
}
