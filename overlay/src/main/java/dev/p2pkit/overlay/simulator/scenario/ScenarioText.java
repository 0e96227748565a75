// Reads scenarios written as text.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Reads scenarios written as text, a line for each setting and incident:
 *
 * <pre>
 * # Two halves lose each other and meet again.
 * peers 200
 * session 60m
 * loss 1%
 * at 20s partition 50% for 30s
 * every 5s pause 1 for 8s
 * </pre>
 *
 * <p>{@link IllegalArgumentException} names the line that cannot be read and says why.
 */
public final class ScenarioText {
  /** The longest text that is read, in characters. */
  public static final int LONGEST = 64 * 1024;

  private static final int LONGEST_LINE = 400;

  private ScenarioText() {}

  /** Adds what the text says to a scenario. */
  public static void read(String text, ScenarioBuilder into) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a scenario has at most " + LONGEST + " characters, not " + text.length());
    }
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      try {
        line(raw, into);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
  }

  private static void line(String raw, ScenarioBuilder into) {
    if (raw.length() > LONGEST_LINE) {
      throw new IllegalArgumentException("a line has at most " + LONGEST_LINE + " characters");
    }
    int comment = raw.indexOf('#');
    String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
    if (line.isEmpty()) {
      return;
    }
    String[] words = line.split("\\s+");
    if (words[0].equals("at") || words[0].equals("every")) {
      incident(words, into);
    } else if (words[0].equals("name")) {
      into.name(line.substring(4).strip());
    } else if (words.length == 2) {
      into.set(words[0], words[1]);
    } else {
      throw new IllegalArgumentException(
          "a setting is a word and its value, as in 'peers 200'; an incident begins with at or"
              + " every");
    }
  }

  private static void incident(String[] words, ScenarioBuilder into) {
    boolean lasting = words.length == 6 && words[4].equals("for");
    if (words.length != 4 && !lasting) {
      throw new IllegalArgumentException(
          "an incident is written 'at 20s kill 10%' or 'every 5s pause 1 for 8s'");
    }
    long when = Values.micros(words[1]);
    Kind kind = kind(words[2]);
    Amount amount = Values.amount(words[3]);
    long span = lasting ? Values.micros(words[5]) : 0;
    if (kind.lasts() && span <= 0) {
      throw new IllegalArgumentException(
          "'" + kind.word() + "' needs how long it lasts, as in 'for 5s'");
    }
    if (words[0].equals("at")) {
      into.at(when, kind, amount, span);
    } else {
      into.every(when, kind, amount, span);
    }
  }

  private static Kind kind(String word) {
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "nothing is called '"
            + word
            + "'; there are "
            + Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", ")));
  }
}
