// Times in what machines print, for readers of transcripts.
package dev.p2pkit.overlay.check;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Turns the long numbers of a checked world's clock into seconds since it began. */
final class Times {
  private static final Pattern LONG_NUMBER = Pattern.compile("-?\\d{15,19}");

  private Times() {}

  /** A time of the world's clock, in microseconds, as seconds since it began. */
  static String seconds(long time) {
    return String.format("%.3f", (time - StateDigest.EPOCH) / 1e6);
  }

  static String relative(String text) {
    return LONG_NUMBER.matcher(text).replaceAll(Times::one);
  }

  private static String one(MatchResult match) {
    long away = Long.parseLong(match.group()) - StateDigest.EPOCH;
    return Math.abs(away) < 1L << 44 ? String.format("%.3fs", away / 1e6) : "never";
  }
}
