// How the values of a scenario are written.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes the values of a scenario; what is wrong is said in one sentence. */
final class Values {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|ms|s|m|h)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(?:\\.\\d{1,9})?");
  private static final long LONGEST = 1_000_000L * 1_000_000;

  private Values() {}

  /** A span of time in microseconds. */
  static long micros(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a time is written like 500ms, 20s, 5m or 1.5h, not '" + text + "'");
    }
    double unit =
        switch (matcher.group(2)) {
          case "us" -> 1;
          case "ms" -> 1e3;
          case "s" -> 1e6;
          case "m" -> 60e6;
          default -> 3600e6;
        };
    double micros = Double.parseDouble(matcher.group(1)) * unit;
    if (micros > LONGEST) {
      throw new IllegalArgumentException("'" + text + "' is more than eleven days");
    }
    return Math.round(micros);
  }

  /** A chance or share, between 0 and 1: {@code 0.01} or {@code 1%}. */
  static double share(String text) {
    boolean percent = text.endsWith("%");
    String digits = percent ? text.substring(0, text.length() - 1) : text;
    if (!NUMBER.matcher(digits).matches()) {
      throw new IllegalArgumentException("a share is written like 1% or 0.01, not '" + text + "'");
    }
    double value = Double.parseDouble(digits) / (percent ? 100 : 1);
    if (value > 1) {
      throw new IllegalArgumentException("a share is at most 100%, not '" + text + "'");
    }
    return value;
  }

  /** {@code 10%} and {@code 0.1} are shares, {@code 5} is a number. */
  static Amount amount(String text) {
    if (!text.matches("\\d{1,8}(\\.\\d{1,9})?%?")) {
      throw new IllegalArgumentException(
          "how many is written like 5, 10% or 0.1, not '" + text + "'");
    }
    return text.endsWith("%") || text.contains(".")
        ? Amount.share(share(text))
        : Amount.count(whole(text, 0, 10_000_000));
  }

  static int whole(String text, int least, int most) {
    long value = -1;
    if (text.matches("\\d{1,10}")) {
      value = Long.parseLong(text);
    }
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "a whole number from " + least + " to " + most + " is needed, not '" + text + "'");
    }
    return (int) value;
  }

  static boolean yes(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "yes", "true", "on" -> true;
      case "no", "false", "off" -> false;
      default -> throw new IllegalArgumentException("yes or no is needed, not '" + text + "'");
    };
  }

  static String percent(double value) {
    String digits = String.format(Locale.ROOT, "%.6f", value * 100);
    return digits.replaceAll("\\.?0+$", "") + "%";
  }

  static String span(long micros) {
    if (micros % 1_000_000 == 0) {
      return micros / 1_000_000 + "s";
    }
    return micros % 1_000 == 0 ? micros / 1_000 + "ms" : micros + "us";
  }
}
