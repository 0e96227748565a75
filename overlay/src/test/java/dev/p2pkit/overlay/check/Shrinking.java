// What went wrong in a search, as short as can be.
package dev.p2pkit.overlay.check;

import com.google.common.base.Splitter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Leaves choices out of a run that breaks a promise, as long as one is broken, and prints it. */
final class Shrinking {
  private static final int MOST_STEPS = 20_000;
  private static final int SHOWN = 30;

  private final Supplier<? extends World> worlds;
  private final long peace;
  private final int[] enabled = new int[Search.MOST_CHOICES];

  /**
   * For the worlds that begin as this one does.
   *
   * @param peace within how many microseconds all must be calm when choices are over; 0 to not look
   */
  Shrinking(Supplier<? extends World> worlds, long peace) {
    this.worlds = worlds;
    this.peace = peace;
  }

  /** The transcript of a short run in which the same or another promise is broken. */
  String tell(Way way, String what) {
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
        if (peace == 0 || (calm && world.now() - calmFrom > Search.STEADY)) {
          return null;
        }
        if (!calm && world.now() - peaceFrom > peace) {
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
      for (int i = 0; world.now() - from <= peace && i < MOST_STEPS; i++) {
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
