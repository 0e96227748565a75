// What a new version may cost before a staged roll-out stops.
package dev.p2pkit.client.record;

import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/**
 * The limits inside of which the peers of the waves before must be for the next wave to open.
 *
 * @param setbacks how many of them may have gone back to the version before or failed to start the
 *     new one
 * @param errors how many more of 10,000 turns may fail than with the version before
 * @param slowdown how long a turn may take on average, in hundredths of what it took with the
 *     version before; at least 100
 * @param reports of 10,000: the share of them that must have reported their health; at least 1,
 *     since a health that nobody knows keeps a wave closed
 */
public record HealthLimits(int setbacks, int errors, int slowdown, int reports) {
  /** No setback, one percent more errors, turns of twice the length, half of the peers heard. */
  public static final HealthLimits DEFAULT = new HealthLimits(0, 100, 200, 5_000);

  private static final int MOST = 1_000_000;

  /** Checks all bounds. */
  public HealthLimits {
    if (setbacks < 0
        || setbacks > MOST
        || errors < 0
        || errors > Wave.ALL
        || slowdown < 100
        || slowdown > MOST
        || reports < 1
        || reports > Wave.ALL) {
      throw new IllegalArgumentException(
          "health limits are setbacks from 0, errors of 0 to 10,000, a slowdown from 100 (percent)"
              + " and reports of 1 to 10,000");
    }
  }

  void encode(WireWriter out) {
    out.i32(setbacks).i32(errors).i32(slowdown).i32(reports);
  }

  static HealthLimits decode(WireReader in) {
    return new HealthLimits(in.i32(), in.i32(), in.i32(), in.i32());
  }
}
