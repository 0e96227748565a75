// A story about a few peers: what happens to them, line by line, and what is expected to follow.
package dev.p2pkit.overlay.check;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;

/**
 * A story in the style of etcd's data-driven tests: commands, {@code ----}, what they print, an
 * empty line. The world goes by first choices, so that nothing goes wrong but what the story says.
 *
 * <pre>
 * end b          the process of b ends; its host says so
 * silence b      its host ends without a word
 * pause b 5      b stops for so many seconds
 * join d         d joins
 * leave b        b leaves
 * restart b      a process that ended starts again and joins
 * close a b      the path between two is closed
 * open           all paths are open again
 * lose Admit     the next message of this kind is lost
 * run 5          five seconds pass; prints what changes in who serves what
 * heals 20       runs until every key is served, and says within how many seconds
 * </pre>
 */
final class Story {
  private final LeaseRingWorld world;
  private final StringBuilder printed = new StringBuilder();
  private final int[] enabled = new int[Search.MOST_CHOICES];

  private Story(LeaseRingWorld world) {
    this.world = world;
  }

  /** The story as it goes with the present code: the same commands, and what they print. */
  static String tell(String text) {
    StringBuilder told = new StringBuilder();
    List<String> commands = new ArrayList<>();
    boolean expected = false;
    Story story = null;
    for (String line : Splitter.on('\n').split(text + "\n")) {
      if (line.startsWith("#")) {
        told.append(line).append('\n');
      } else if (line.startsWith("ring ")) {
        story = new Story(world(line));
        told.append(line).append("\n\n");
      } else if (line.equals("----")) {
        expected = true;
      } else if (line.isBlank()) {
        if (story != null && expected) {
          told.append(story.block(commands)).append('\n');
          commands.clear();
        }
        expected = false;
      } else if (!expected) {
        commands.add(line);
      }
    }
    return told.toString();
  }

  /** {@code ring 3 +1 mesh}: three peers that are a ring, one more that may join, the full mesh. */
  private static LeaseRingWorld world(String line) {
    List<String> words = Splitter.on(' ').splitToList(line);
    int founders = Integer.parseInt(words.get(1));
    int newcomers = Integer.parseInt(words.get(2));
    Rules rules =
        words.get(3).equals("mesh")
            ? Worlds.meshed(founders, newcomers)
            : Worlds.bare(founders, newcomers);
    return new LeaseRingWorld(rules.crash(9).silence(9).leave(9).restart(9).inOrder());
  }

  private String block(List<String> commands) {
    printed.setLength(0);
    for (String command : commands) {
      run(Splitter.on(' ').splitToList(command));
    }
    return String.join("\n", commands) + "\n----\n" + printed;
  }

  private void run(List<String> words) {
    switch (words.get(0)) {
      case "end" -> take(Choice.CRASH, words);
      case "silence" -> take(Choice.SILENCE, words);
      case "join" -> take(Choice.JOIN, words);
      case "leave" -> take(Choice.LEAVE, words);
      case "restart" -> take(Choice.RESTART, words);
      case "pause" -> world.pause(peer(words.get(1)), micros(words.get(2)));
      case "close" -> world.close(peer(words.get(1)), peer(words.get(2)));
      case "open" -> world.openAll();
      case "lose" -> world.loseNext(words.get(1));
      case "run" -> passes(world.now() + micros(words.get(1)));
      case "heals" -> heals(micros(words.get(1)));
      default -> throw new IllegalArgumentException("no such command: " + words);
    }
    world
        .broken()
        .ifPresent(
            broken -> {
              throw new AssertionError(broken + " after " + words + "\n" + printed);
            });
  }

  private static int peer(String letter) {
    return letter.charAt(0) - 'a';
  }

  private static long micros(String seconds) {
    return (long) (Double.parseDouble(seconds) * 1e6);
  }

  private void take(int kind, List<String> words) {
    int choice = Choice.of(kind, peer(words.get(1)));
    if (!world.enabled(choice)) {
      throw new IllegalArgumentException("not possible now: " + words);
    }
    watched(choice);
  }

  private void passes(long until) {
    while (step(until)) {
      // What it prints is the story.
    }
  }

  private void heals(long limit) {
    long from = world.now();
    while (!world.calm() && world.now() - from <= limit) {
      if (!step(Long.MAX_VALUE)) {
        break;
      }
    }
    printed.append(
        world.calm()
            ? "every key is served within " + (1 + (world.now() - from) / 1_000_000) + " s\n"
            : world.missing() + " after " + limit / 1_000_000 + " s\n");
  }

  private boolean step(long until) {
    int count = world.choices(enabled);
    if (count == 0 || (enabled[0] == Choice.TIME && world.nextTime() > until)) {
      return false;
    }
    watched(enabled[0]);
    return true;
  }

  private void watched(int choice) {
    List<String> before = world.serving();
    world.take(choice);
    for (String line : world.serving()) {
      if (!before.contains(line)) {
        printed.append(line).append('\n');
      }
    }
  }
}
