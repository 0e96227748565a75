// What a service may use up on a peer.
package dev.p2pkit.peer.service;

import java.util.Locale;

/**
 * Limits of one service. Its own and those of the peer's operator hold both: the smaller counts.
 *
 * @param cpu processor time per time: 0.2 is a fifth of one processor, over 10 s
 * @param allocation bytes that its turns may allocate per second
 * @param messages sends, calls and broadcasts that its turns may make per second
 * @param stateBytes how large its encoded state may become
 */
public record Quota(double cpu, long allocation, long messages, long stateBytes) {
  private static final long UNLIMITED = Long.MAX_VALUE;

  /** No limit at all. */
  public static final Quota NONE =
      new Quota(Double.POSITIVE_INFINITY, UNLIMITED, UNLIMITED, UNLIMITED);

  /** Fails with {@link IllegalArgumentException} if something is not positive. */
  public Quota {
    if (!(cpu > 0) || allocation < 1 || messages < 1 || stateBytes < 1) {
      throw new IllegalArgumentException("a quota is greater than 0");
    }
  }

  /** The smaller of each. */
  Quota and(Quota other) {
    return new Quota(
        Math.min(cpu, other.cpu),
        Math.min(allocation, other.allocation),
        Math.min(messages, other.messages),
        Math.min(stateBytes, other.stateBytes));
  }

  /**
   * Reads {@code cpu=20%,alloc=50M/s,messages=1000/s,state=16M}; each part may be left out. K, M
   * and G are 2^10, 2^20 and 2^30.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Quota parse(String text) {
    Quota quota = NONE;
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String what = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      try {
        quota =
            quota.and(
                switch (what) {
                  case "cpu" ->
                      new Quota(number(value, "%") / 100.0, UNLIMITED, UNLIMITED, UNLIMITED);
                  case "alloc" -> new Quota(NONE.cpu, number(value, "/s"), UNLIMITED, UNLIMITED);
                  case "messages" -> new Quota(NONE.cpu, UNLIMITED, number(value, "/s"), UNLIMITED);
                  case "state" -> new Quota(NONE.cpu, UNLIMITED, UNLIMITED, number(value, ""));
                  default -> throw new IllegalArgumentException("unknown");
                });
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "a quota is one or more of cpu=20%, alloc=50M/s, messages=1000/s and state=16M, separated"
                + " by commas, not '"
                + Manifest.shorten(part)
                + "'",
            e);
      }
    }
    return quota;
  }

  private static long number(String text, String unit) {
    if (!text.endsWith(unit)) {
      throw new IllegalArgumentException("without its unit");
    }
    String digits = text.substring(0, text.length() - unit.length()).toUpperCase(Locale.ROOT);
    int scale = digits.isEmpty() ? -1 : "KMG".indexOf(digits.charAt(digits.length() - 1));
    if (scale < 0) {
      return Long.parseLong(digits);
    }
    return Math.multiplyExact(
        Long.parseLong(digits.substring(0, digits.length() - 1)), 1L << (10 * (scale + 1)));
  }
}
