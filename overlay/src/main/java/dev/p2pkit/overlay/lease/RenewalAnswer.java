// What a grantor says to a renewal.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/**
 * The answer to a {@link Renewal}.
 *
 * @param verdict what the grantor decided
 * @param sentAt of the renewal: the lease runs from then, by the holder's clock
 */
public record RenewalAnswer(Verdict verdict, long sentAt) {
  /** What a grantor can decide. */
  public enum Verdict {
    /** The arc is registered and may be served for a lease length. */
    GRANTED,
    /** Not now, or not by the one asked. */
    WAIT,
    /** The one asked has no lease itself, and would grant if it had. */
    LAPSED
  }

  /** The bytes it takes. */
  public static final int BYTES = 1 + 8;

  private static final Verdict[] VERDICTS = Verdict.values();

  /** Writes it. */
  public void write(WireWriter out) {
    out.u8(verdict.ordinal()).i64(sentAt);
  }

  /** Reads one. */
  public static RenewalAnswer read(WireReader in) {
    int verdict = in.u8();
    if (verdict >= VERDICTS.length) {
      throw new WireException("unknown verdict on a lease: " + verdict);
    }
    return new RenewalAnswer(VERDICTS[verdict], in.i64());
  }
}
