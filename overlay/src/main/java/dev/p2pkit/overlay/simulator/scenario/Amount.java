// How many peers: a number or a share.
package dev.p2pkit.overlay.simulator.scenario;

/**
 * How many peers something happens to.
 *
 * @param value a count, or a share between 0 and 1
 * @param share which of the two
 */
public record Amount(double value, boolean share) {
  private static final int MOST = 10_000_000;

  public Amount {
    if (!(value >= 0) || value > (share ? 1 : MOST)) {
      throw new IllegalArgumentException(
          share ? "a share lies between 0 and 100 %" : "a count lies between 0 and " + MOST);
    }
  }

  /** So many. */
  public static Amount count(int peers) {
    return new Amount(peers, false);
  }

  /** Such a share, between 0 and 1. */
  public static Amount share(double part) {
    return new Amount(part, true);
  }

  /** Reads {@code 5}, {@code 10%} or {@code 0.1}. */
  public static Amount parse(String text) {
    return Values.amount(text);
  }

  /** How many that is of a total; at least one if it is a share above 0. */
  public int of(int total) {
    if (!share) {
      return (int) Math.min(value, total);
    }
    return value == 0 ? 0 : (int) Math.min(total, Math.max(1, Math.round(value * total)));
  }

  @Override
  public String toString() {
    return share ? Values.percent(value) : Long.toString(Math.round(value));
  }
}
