// Goes through the states of a world, all of them up to a bound.
package dev.p2pkit.overlay.check;

import com.google.common.base.Splitter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
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
   * @param seconds of time
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
          "%,d states, %,d transitions, depth %d, %.1f s, %s",
          states, transitions, deepest, seconds, whole ? "all within the bounds" : "stopped early");
    }
  }

  /** A way to a state: its last choice and the way before. */
  private record Way(@Nullable Way before, int choice, int length, int deviations) {
    int[] choices() {
      int[] choices = new int[length];
      Way way = this;
      for (int i = length - 1; i >= 0 && way != null; i--) {
        choices[i] = way.choice;
        way = way.before;
      }
      return choices;
    }
  }

  private static final Way BEGINNING = new Way(null, -1, 0, 0);
  static final int MOST_CHOICES = 256;
  private static final int MOST_STEPS = 20_000;
  private static final int SHOWN = 30;

  /** For how long all must be calm to be called so for good, in microseconds. */
  private static final long STEADY = 12_000_000;

  private final Supplier<? extends World> worlds;
  private final Bounds bounds;
  private final StateSet seen = new StateSet();
  private final List<ArrayDeque<Way>> waiting = new ArrayList<>();
  private final int[] enabled = new int[MOST_CHOICES];
  private long transitions;
  private int deepest;
  private int run;

  private Search(Supplier<? extends World> worlds, Bounds bounds) {
    this.worlds = worlds;
    this.bounds = bounds;
  }

  /** Searches the worlds that begin as this one does. */
  static Report explore(Supplier<? extends World> worlds, Bounds bounds) {
    return new Search(worlds, bounds).explore();
  }

  private Report explore() {
    long start = System.nanoTime();
    later(BEGINNING);
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
        (System.nanoTime() - start) / 1e9,
        next == null && failure.isEmpty(),
        failure);
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
    World world = worlds.get();
    for (int choice : start.choices()) {
      world.take(choice);
    }
    run++;
    transitions += start.length() == 0 ? 0 : 1;
    Way way = start;
    long peaceFrom = Long.MAX_VALUE;
    long calmFrom = Long.MAX_VALUE;
    while (true) {
      Optional<String> broken = world.broken();
      if (broken.isPresent()) {
        return Optional.of(tell(way, broken.get()));
      }
      deepest = Math.max(deepest, way.length());
      boolean free = way.length() < bounds.depth();
      if (!free && bounds.peace() == 0) {
        note(world.digest(), way);
        return Optional.empty();
      }
      long digest = world.digest();
      long before = seen.get(digest);
      if (before >= 0) {
        int itsRun = (int) (before >>> 32);
        int itsDeviations = (int) before >>> 16 & 0xffff;
        int itsLength = (int) before & 0xffff;
        boolean again = itsRun == run && itsLength < way.length();
        if (again && bounds.peace() > 0 && !world.calm()) {
          return Optional.of(
              tell(way, "goes round for ever from step " + itsLength + ": " + world.missing()));
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
          int deviations = bounds.counts() ? way.deviations() + 1 : 0;
          later(new Way(way, enabled[i], way.length() + 1, deviations));
        }
      } else {
        boolean calm = world.calm();
        peaceFrom = Math.min(peaceFrom, world.now());
        calmFrom = calm ? Math.min(calmFrom, world.now()) : Long.MAX_VALUE;
        if (calm && world.now() - calmFrom > STEADY) {
          return Optional.empty();
        }
        if (!calm && world.now() - peaceFrom > bounds.peace()) {
          return Optional.of(tell(way, "does not heal: " + world.missing()));
        }
      }
      int first = enabled[0];
      world.take(first);
      transitions++;
      way = new Way(way, first, way.length() + 1, way.deviations());
    }
  }

  private void note(long digest, Way way) {
    seen.put(
        digest, (long) run << 32 | (long) way.deviations() << 16 | Math.min(way.length(), 0xffff));
  }

  // ---- what went wrong, as short as can be ----

  private String tell(Way way, String what) {
    int[] choices = way.choices();
    Shrunk shortest = new Shrunk(choices, what);
    for (int size = Math.max(1, choices.length / 2); size >= 1; size /= 2) {
      boolean again = true;
      while (again) {
        again = false;
        for (int from = 0; from + size <= shortest.choices.length; from++) {
          Shrunk shorter = failing(without(shortest.choices, from, size));
          if (shorter != null && shorter.choices.length < shortest.choices.length) {
            shortest = shorter;
            again = true;
          }
        }
      }
    }
    return transcript(shortest);
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Shrunk(int[] choices, String what) {}

  private static int[] without(int[] choices, int from, int count) {
    int[] fewer = new int[choices.length - count];
    System.arraycopy(choices, 0, fewer, 0, from);
    System.arraycopy(choices, from + count, fewer, from, fewer.length - from);
    return fewer;
  }

  /** Takes those choices that are possible, then the first ones; null if all ends well. */
  private @Nullable Shrunk failing(int[] wanted) {
    World world = worlds.get();
    int[] taken = new int[wanted.length + MOST_STEPS];
    int length = 0;
    int at = 0;
    long peaceFrom = Long.MAX_VALUE;
    long calmFrom = Long.MAX_VALUE;
    while (length < taken.length) {
      Optional<String> broken = world.broken();
      if (broken.isPresent()) {
        return new Shrunk(Arrays.copyOf(taken, length), broken.get());
      }
      int choice;
      if (at < wanted.length) {
        choice = wanted[at++];
        if (!world.enabled(choice)) {
          continue;
        }
      } else {
        boolean calm = world.calm();
        peaceFrom = Math.min(peaceFrom, world.now());
        calmFrom = calm ? Math.min(calmFrom, world.now()) : Long.MAX_VALUE;
        if (bounds.peace() == 0 || (calm && world.now() - calmFrom > STEADY)) {
          return null;
        }
        if (!calm && world.now() - peaceFrom > bounds.peace()) {
          return new Shrunk(wanted, "does not heal: " + world.missing());
        }
        if (world.choices(enabled) == 0) {
          return null;
        }
        choice = enabled[0];
      }
      world.take(choice);
      taken[length++] = choice;
    }
    return null;
  }

  private String transcript(Shrunk shrunk) {
    StringBuilder text =
        new StringBuilder("after ").append(shrunk.choices.length).append(" steps ");
    text.append(shrunk.what).append('\n');
    World world = worlds.get();
    text.append("    ").append(world.picture()).append('\n');
    for (int choice : shrunk.choices) {
      if (world.enabled(choice)) {
        text.append(step(world, choice));
      }
    }
    if (world.broken().isEmpty()) {
      // It never comes to rest: how that begins, and what the end of the wait looks like.
      Deque<String> last = new ArrayDeque<>();
      long from = world.now();
      for (int i = 0; world.now() - from <= bounds.peace() && i < MOST_STEPS; i++) {
        if (world.choices(enabled) == 0) {
          break;
        }
        String step = step(world, enabled[0]);
        if (i < SHOWN) {
          text.append(step);
        } else {
          last.addLast(step);
        }
        if (last.size() > SHOWN) {
          last.removeFirst();
        }
      }
      text.append("...\n").append(String.join("", last)).append("    ").append(world.picture());
    }
    return text.toString();
  }

  private static String step(World world, int choice) {
    StringBuilder text = new StringBuilder(world.describe(choice)).append('\n');
    String before = world.picture();
    world.take(choice);
    for (String line : Splitter.on('\n').split(world.picture())) {
      if (!before.contains(line.strip())) {
        text.append("    ").append(line.strip()).append('\n');
      }
    }
    return text.toString();
  }
}
