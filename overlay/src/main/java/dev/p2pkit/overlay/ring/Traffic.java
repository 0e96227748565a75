// How many bytes the overlay has sent, by purpose.
package dev.p2pkit.overlay.ring;

import java.util.Arrays;
import java.util.List;

/**
 * How many bytes the overlay of one peer has handed to its links since the start, before TLS and
 * TCP, by {@link Purpose}.
 *
 * @param bytes since the start, in the order of {@link Purpose}
 * @param perSecond the same as a rate over the last half minute or so
 */
public record Traffic(List<Long> bytes, List<Integer> perSecond) {
  public Traffic {
    bytes = List.copyOf(bytes);
    perSecond = List.copyOf(perSecond);
  }

  /** Bytes since the start. */
  public long bytes(Purpose purpose) {
    return bytes.get(purpose.ordinal());
  }

  /** Bytes a second. */
  public int perSecond(Purpose purpose) {
    return perSecond.get(purpose.ordinal());
  }

  /** Bytes a second of all that counts for the budget: everything but broadcasts. */
  public int budgetedPerSecond() {
    return Arrays.stream(Purpose.values())
        .filter(purpose -> purpose != Purpose.BROADCAST)
        .mapToInt(this::perSecond)
        .sum();
  }

  /** Bytes since the start of all that counts for the budget. */
  public long budgeted() {
    return Arrays.stream(Purpose.values())
        .filter(purpose -> purpose != Purpose.BROADCAST)
        .mapToLong(this::bytes)
        .sum();
  }
}
