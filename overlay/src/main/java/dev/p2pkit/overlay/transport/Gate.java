// How many handshakes run at a time, and who waits for the next place.
package dev.p2pkit.overlay.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Places for handshakes of one direction. Who finds none waits, each source in turn; where too many
 * wait, one of the source with the most gives way. So nobody is kept out by a few that ask for
 * many. A place counts for a while only: who has not finished by then waits for somebody else and
 * not for a processor, and must not hold up the others. It has no clock and no timer; whoever owns
 * it says what time it is. Thread-safe.
 */
final class Gate {
  /** What is wanted of a gate: one handshake. Entered once; left as often as one likes. */
  final class Place {
    private final String source;
    private final int atOnce;
    private final int mostWaiting;
    private final Runnable start;
    private final Runnable displaced;
    private long since;
    private boolean left;

    /** What its beginning has thrown. */
    private volatile @Nullable RuntimeException failure;

    private Place(String source, int atOnce, int mostWaiting, Runnable start, Runnable displaced) {
      this.source = source;
      this.atOnce = atOnce;
      this.mostWaiting = mostWaiting;
      this.start = start;
      this.displaced = displaced;
    }

    /**
     * Begins the handshake as soon as it may, which may be before this returns.
     *
     * @return whether it will; false if too many wait already
     * @throws RuntimeException what its beginning has thrown, if it began at once; then it is left
     */
    boolean enter(long nowNanos) {
      List<Place> gone = new ArrayList<>(1);
      if (!admit(this, nowNanos, gone)) {
        return false;
      }
      gone.forEach(place -> place.displaced.run());
      recheck(nowNanos);
      RuntimeException failed = failure;
      if (failed != null) {
        throw failed;
      }
      return true;
    }

    /** The handshake is over, or wanted no more. */
    void leave(long nowNanos) {
      if (drop(this)) {
        recheck(nowNanos);
      }
    }
  }

  private static final LogLimit FAILURES = new LogLimit(LoggerFactory.getLogger(Gate.class));

  private final long countsNanos;

  /** Those that count, in the order of their beginning. */
  private final Set<Place> running = new LinkedHashSet<>();

  /** Those that wait, by their sources; the first source is the next. */
  private final Map<String, ArrayDeque<Place>> queues = new LinkedHashMap<>();

  private int waiting;
  private int most;
  private long waited;
  private long refused;

  /**
   * An empty gate.
   *
   * @param countsNanos how long a place counts at most
   */
  Gate(long countsNanos) {
    this.countsNanos = countsNanos;
  }

  /**
   * One handshake that is to be made.
   *
   * @param source on whose behalf; sources take turns
   * @param atOnce how many may run at a time, this one included
   * @param mostWaiting how many may wait, this one included; of one source half of it
   * @param start begins it; called once at most, on any thread, without a lock
   * @param displaced called in its place if one of another source, of which fewer wait, has taken
   *     its turn; it counts as refused
   */
  Place place(String source, int atOnce, int mostWaiting, Runnable start, Runnable displaced) {
    return new Place(source, atOnce, mostWaiting, start, displaced);
  }

  private synchronized boolean admit(Place place, long nowNanos, List<Place> gone) {
    expire(nowNanos);
    ArrayDeque<Place> queue = queues.get(place.source);
    int ofSource = queue == null ? 0 : queue.size();
    boolean mustWait = waiting > 0 || running.size() >= place.atOnce;
    if (mustWait
        && (ofSource >= (place.mostWaiting + 1) / 2
            || (waiting >= place.mostWaiting && !displace(ofSource, gone)))) {
      refused++;
      return false;
    }
    if (mustWait) {
      waited++;
    }
    queues.computeIfAbsent(place.source, source -> new ArrayDeque<>()).add(place);
    waiting++;
    return true;
  }

  /** Of the source of which most wait the last one gives way to one of which so many wait. */
  private boolean displace(int fewer, List<Place> gone) {
    ArrayDeque<Place> longest = new ArrayDeque<>();
    for (ArrayDeque<Place> queue : queues.values()) {
      longest = queue.size() > longest.size() ? queue : longest;
    }
    if (longest.size() <= fewer + 1) {
      return false;
    }
    Place last = longest.removeLast();
    last.left = true;
    waiting--;
    refused++;
    gone.add(last);
    return true;
  }

  private synchronized boolean drop(Place place) {
    if (place.left) {
      return false;
    }
    place.left = true;
    if (running.remove(place)) {
      return true;
    }
    ArrayDeque<Place> queue = queues.get(place.source);
    if (queue != null && queue.remove(place)) {
      waiting--;
      if (queue.isEmpty()) {
        queues.remove(place.source);
      }
    }
    return true;
  }

  /** Begins whatever may begin by now. */
  void recheck(long nowNanos) {
    boolean failed = true;
    while (failed) {
      failed = false;
      for (Place place : begun(nowNanos)) {
        failed |= !start(place);
      }
    }
  }

  /**
   * One that cannot begin, because the threads of its transport are gone, frees its place, and is
   * no reason for those of other transports not to begin.
   */
  private boolean start(Place place) {
    try {
      place.start.run();
      return true;
    } catch (RuntimeException e) {
      FAILURES.warn("a handshake on behalf of {} could not begin: {}", place.source, e.toString());
      place.failure = e;
      drop(place);
      return false;
    }
  }

  private synchronized List<Place> begun(long nowNanos) {
    List<Place> begun = new ArrayList<>();
    expire(nowNanos);
    Iterator<Map.Entry<String, ArrayDeque<Place>>> first = queues.entrySet().iterator();
    while (first.hasNext()) {
      Map.Entry<String, ArrayDeque<Place>> entry = first.next();
      ArrayDeque<Place> queue = entry.getValue();
      if (running.size() >= queue.element().atOnce) {
        break;
      }
      Place next = queue.remove();
      waiting--;
      // Its source goes to the end.
      queues.remove(entry.getKey());
      if (!queue.isEmpty()) {
        queues.put(entry.getKey(), queue);
      }
      next.since = nowNanos;
      running.add(next);
      most = Math.max(most, running.size());
      begun.add(next);
      first = queues.entrySet().iterator();
    }
    return begun;
  }

  private void expire(long nowNanos) {
    Iterator<Place> oldest = running.iterator();
    while (oldest.hasNext() && nowNanos - oldest.next().since >= countsNanos) {
      oldest.remove();
    }
  }

  /** Whether anybody waits: then {@link #recheck} is wanted now and then. */
  synchronized boolean isWaitedFor() {
    return waiting > 0;
  }

  synchronized LinkStatistics.Handshakes read() {
    return new LinkStatistics.Handshakes(running.size(), most, waiting, waited, refused);
  }
}
