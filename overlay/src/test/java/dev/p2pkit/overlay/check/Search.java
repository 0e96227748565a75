// Goes through the states of a world, all of them up to a bound.
package dev.p2pkit.overlay.check;

import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stateless search: a state is the choices that lead to it, and is reached again by taking them
 * from the beginning. From each new state the run goes on with the first choice, the others are
 * noted for later; a run ends where it meets a state that was seen before.
 *
 * <p>Two bounds, which may be combined. {@link Bounds#depth}: up to how many steps after the
 * beginning other choices than the first are tried. {@link Bounds#deviations}: how many of these a
 * run may have (delay-bounded scheduling, Emmi, Qadeer and Rakamarić 2011); runs with fewer go
 * first. When both are used up a run goes on by first choices, until all is calm: so from each
 * state that was reached it is seen that the world finds back.
 */
final class Search {
  /**
   * How far to go.
   *
   * @param depth steps within which others than the first choice are tried
   * @param deviations how many of these a run may have
   * @param states after how many states to give up
   * @param peace within how many microseconds all must be calm when choices are over; 0 to not look
   */
  record Bounds(int depth, int deviations, int states, long peace) {
    /** Any number of deviations: all interleavings up to the depth. */
    static final int ANY = 0x7fff;

    boolean counts() {
      return deviations < ANY;
    }
  }

  /**
   * What was found.
   *
   * @param states different ones
   * @param transitions steps, without those that only lead back to a state
   * @param deepest the longest run
   * @param seconds of processor time: the same however many others use the machine
   * @param whole whether everything within the bounds was seen
   * @param failure the shortest run found that breaks a promise, as a transcript
   */
  record Report(
      int states,
      long transitions,
      int deepest,
      double seconds,
      boolean whole,
      Optional<String> failure) {
    @Override
    public String toString() {
      return String.format(
          "%,d states, %,d transitions, depth %d, %.1f CPU s, %s",
          states, transitions, deepest, seconds, whole ? "all within the bounds" : "stopped early");
    }
  }

  static final int MOST_CHOICES = 256;

  /** For how long all must be calm to be called so for good, in microseconds. */
  static final long STEADY = 12_000_000;

  private final Supplier<? extends World> worlds;
  private final Bounds bounds;
  private final Shrinking shrinking;
  private final StateSet seen = new StateSet();
  private final List<ArrayDeque<Way>> waiting = new ArrayList<>();
  private final int[] enabled = new int[MOST_CHOICES];
  private long transitions;
  private int deepest;
  private int run;

  private Search(Supplier<? extends World> worlds, Bounds bounds) {
    this.worlds = worlds;
    this.bounds = bounds;
    shrinking = new Shrinking(worlds, bounds.peace());
  }

  /** Searches the worlds that begin as this one does. */
  static Report explore(Supplier<? extends World> worlds, Bounds bounds) {
    return new Search(worlds, bounds).explore();
  }

  private Report explore() {
    long start = processorNanos();
    later(Way.BEGINNING);
    Optional<String> failure = Optional.empty();
    Way next = next();
    while (next != null && failure.isEmpty() && seen.size() < bounds.states()) {
      failure = follow(next);
      next = next();
    }
    return new Report(
        seen.size(),
        transitions,
        deepest,
        (processorNanos() - start) / 1e9,
        next == null && failure.isEmpty(),
        failure);
  }

  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private void later(Way way) {
    int level = bounds.counts() ? way.deviations() : way.length();
    while (waiting.size() <= level) {
      waiting.add(new ArrayDeque<>());
    }
    waiting.get(level).addLast(way);
  }

  private @Nullable Way next() {
    for (ArrayDeque<Way> level : waiting) {
      Way way = level.pollFirst();
      if (way != null) {
        return way;
      }
    }
    return null;
  }

  private Optional<String> follow(Way start) {
    World world = start.taken(worlds.get());
    run++;
    transitions += start.length() == 0 ? 0 : 1;
    Way way = start;
    long peaceFrom = Long.MAX_VALUE;
    long calmFrom = Long.MAX_VALUE;
    while (true) {
      Optional<String> broken = world.broken();
      if (broken.isPresent()) {
        return Optional.of(shrinking.tell(way, broken.get()));
      }
      deepest = Math.max(deepest, way.length());
      boolean free = way.length() < bounds.depth();
      long digest = world.digest();
      long before = seen.get(digest);
      if (!free && bounds.peace() == 0) {
        if (before < 0) {
          note(digest, way);
        }
        return Optional.empty();
      }
      if (before >= 0) {
        int itsRun = (int) (before >>> 32);
        int itsDeviations = (int) before >>> 16 & 0xffff;
        int itsLength = (int) before & 0xffff;
        boolean again = itsRun == run && itsLength < way.length();
        if (again && bounds.peace() > 0 && !world.calm()) {
          return Optional.of(
              shrinking.tell(
                  way, "goes round for ever from step " + itsLength + ": " + world.missing()));
        }
        if (!free || (itsDeviations <= way.deviations() && itsLength <= way.length())) {
          return Optional.empty();
        }
      }
      note(digest, way);
      int count = world.choices(enabled);
      if (count == 0) {
        return Optional.empty();
      }
      if (free) {
        for (int i = 1; i < count && way.deviations() < bounds.deviations(); i++) {
          later(way.aside(enabled[i], bounds.counts() ? 1 : 0));
        }
      } else {
        boolean calm = world.calm();
        peaceFrom = Math.min(peaceFrom, world.now());
        calmFrom = calm ? Math.min(calmFrom, world.now()) : Long.MAX_VALUE;
        if (calm && world.now() - calmFrom > STEADY) {
          return Optional.empty();
        }
        if (!calm && world.now() - peaceFrom > bounds.peace()) {
          return Optional.of(shrinking.tell(way, "does not heal: " + world.missing()));
        }
      }
      int first = enabled[0];
      world.take(first);
      transitions++;
      way = way.on(first);
    }
  }

  private void note(long digest, Way way) {
    seen.put(
        digest, (long) run << 32 | (long) way.deviations() << 16 | Math.min(way.length(), 0xffff));
  }
}
