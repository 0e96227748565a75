// Numbers the messages that this peer repeats, and keeps their order when they are.
package dev.p2pkit.peer;

import dev.p2pkit.peer.service.Once;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The messages of one process of a peer that are repeated. Those to one place form a lane: where
 * one has to be sent again, those that failed behind it and those that are new wait, and all leave
 * one after the other after a pause, so that the receiver, which takes none before its predecessor,
 * can take them at once. Thread-safe.
 */
final class OnceNumbers {
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  private final PeerId self;
  private final long process;
  private final Executor executor;
  private final TreeSet<Long> open = new TreeSet<>();
  private final Map<Place, Lane> lanes = new HashMap<>();
  private long next = 1;

  private record Place(boolean byKey, Key target, String accessPoint) {}

  /** The open messages to one place; guarded by the numbers. */
  private static final class Lane {
    final Place place;
    final TreeMap<Long, Runnable> waiting = new TreeMap<>();
    boolean pausing;
    long pauseMillis = FIRST_PAUSE_MILLIS;
    long latest;
    int open;

    Lane(Place place) {
      this.place = place;
    }
  }

  /** One message, until it is closed. */
  final class Numbered {
    private final Lane lane;
    private final long number;
    private final long after;

    private Numbered(Lane lane, long number, long after) {
      this.lane = lane;
      this.number = number;
      this.after = after;
    }

    /** Its identity as the next copy carries it. */
    Once identity() {
      synchronized (OnceNumbers.this) {
        return new Once(self, process, number, open.first(), open.contains(after) ? after : 0);
      }
    }

    /** Sends the first copy: now, or with those of its lane that wait. */
    void first(Runnable send) {
      synchronized (OnceNumbers.this) {
        if (lane.pausing) {
          lane.waiting.put(number, send);
          return;
        }
      }
      send.run();
    }

    /** Sends one more copy after a pause. */
    void again(Runnable send) {
      synchronized (OnceNumbers.this) {
        lane.waiting.put(number, send);
        if (!lane.pausing) {
          lane.pausing = true;
          pause(lane);
        }
      }
    }

    /** It is answered or given up: no further copy leaves. */
    void close(boolean answered) {
      synchronized (OnceNumbers.this) {
        open.remove(number);
        if (answered) {
          lane.pauseMillis = FIRST_PAUSE_MILLIS;
        }
        if (--lane.open == 0) {
          lanes.remove(lane.place);
        }
      }
    }
  }

  /**
   * Nothing is open.
   *
   * @param process the number of this start of the peer
   * @param executor where copies are sent after a pause
   */
  OnceNumbers(PeerId self, long process, Executor executor) {
    this.self = self;
    this.process = process;
    this.executor = executor;
  }

  /** A message to this target, which comes after those before it. */
  synchronized Numbered open(boolean byKey, Key target, String accessPoint) {
    Lane lane = lanes.computeIfAbsent(new Place(byKey, target, accessPoint), Lane::new);
    long number = next++;
    long before = lane.latest;
    lane.latest = number;
    lane.open++;
    open.add(number);
    return new Numbered(lane, number, before);
  }

  private void pause(Lane lane) {
    long pause = lane.pauseMillis / 2 + ThreadLocalRandom.current().nextLong(lane.pauseMillis);
    lane.pauseMillis = Math.min(2 * lane.pauseMillis, LONGEST_PAUSE_MILLIS);
    CompletableFuture<?> unused =
        CompletableFuture.runAsync(
            () -> resend(lane),
            CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, executor));
  }

  private void resend(Lane lane) {
    List<Runnable> copies;
    synchronized (this) {
      copies = new ArrayList<>(lane.waiting.values());
      lane.waiting.clear();
    }
    copies.forEach(Runnable::run);
    synchronized (this) {
      if (lane.waiting.isEmpty()) {
        lane.pausing = false;
      } else {
        // New, or failed already: none may overtake another.
        pause(lane);
      }
    }
  }
}
