// Scenarios that come with the program, by name.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Scenarios that come with the program, as the texts that a reader could have written. */
public final class BuiltInScenarios {
  private static final Map<String, String> TEXTS = new LinkedHashMap<>();

  static {
    TEXTS.put(
        "steady",
        """
        # A quiet network: long sessions, a little loss.
        peers 100
        seconds 60
        session 60m
        loss 1%
        """);
    TEXTS.put(
        "churn",
        """
        # Peers that stay for a minute or two.
        peers 200
        seconds 60
        session 84s
        loss 1%
        """);
    TEXTS.put(
        "storm",
        """
        # Everything at once, but nobody is cut off for long.
        peers 60
        seconds 60
        session 5m
        loss 5%
        duplicate 1%
        reorder 2%
        break 0.05%
        drift 1%
        every 4s pause 1 for 6s
        every 9s cut 2 for 5s
        every 11s deafen 2 for 5s
        at 30s silence 10%
        """);
    TEXTS.put(
        "crash",
        """
        # Processes die one by one while their hosts live on.
        peers 100
        seconds 120
        every 4s kill 1
        every 4s join 1
        """);
    TEXTS.put(
        "silent",
        """
        # Hosts die one by one: nobody is told.
        peers 100
        seconds 200
        every 10s silence 1
        every 10s join 1
        """);
    TEXTS.put(
        "leave",
        """
        # Peers leave in an orderly way, one by one, and others come.
        peers 100
        seconds 120
        every 4s leave 1
        every 4s join 1
        """);
    TEXTS.put(
        "masskill",
        """
        # Half of the peers die at once.
        peers 200
        seconds 60
        at 15s kill 50%
        """);
    TEXTS.put(
        "split",
        """
        # Two halves lose each other and meet again.
        peers 100
        seconds 90
        at 15s partition 50% for 30s
        """);
    TEXTS.put(
        "pauses",
        """
        # Processes stop for seconds, as with a long collection of garbage or a suspended machine.
        peers 50
        seconds 60
        every 2s pause 1 for 12s
        """);
    TEXTS.put(
        "small",
        """
        # What users start with: three peers, one of them dies without a word, another joins.
        peers 3
        seconds 60
        sends-per-second 10
        at 10s silence 1
        at 25s join 1
        at 40s silence 1
        at 50s join 1
        """);
    TEXTS.put("widowed", widowed());
  }

  /** A death every half minute, and a newcomer when the ring has got over it. */
  private static String widowed() {
    StringBuilder text =
        new StringBuilder("# Of two or three peers one dies without a word, again and again.\n")
            .append("peers 2\nseconds 620\nsends-per-second 10\n");
    for (int second = 10; second < 610; second += 30) {
      text.append("at ").append(second).append("s silence 1\n");
      text.append("at ").append(second + 15).append("s join 1\n");
    }
    return text.toString();
  }

  private BuiltInScenarios() {}

  /** The names. */
  public static Iterable<String> names() {
    return TEXTS.keySet();
  }

  /** The text of a scenario. */
  public static Optional<String> text(String name) {
    return Optional.ofNullable(TEXTS.get(name));
  }

  /** The first line of a text, which says what it is about. */
  public static String summary(String text) {
    String first = text.lines().findFirst().orElse("");
    return first.startsWith("#") ? first.substring(1).strip() : first;
  }
}
