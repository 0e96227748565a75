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
 * @param epoch what the holder's epoch has to be at least, where that is more than it asked with:
 *     others may have served its arc meanwhile; 0 if it may stay what it is
 */
public record RenewalAnswer(Verdict verdict, long sentAt, long epoch) {
  /** What a grantor can decide. */
  public enum Verdict {
    /** The arc is registered and may be served for a lease length. */
    GRANTED,
    /** Not now, or not by the one asked. */
    WAIT,
    /** The one asked has no lease itself, and would grant if it had. */
    LAPSED
  }

  /** Set in the byte of the verdict where an epoch follows. */
  private static final int WITH_EPOCH = 0x80;

  private static final Verdict[] VERDICTS = Verdict.values();

  /** The epoch may stay what it is. */
  public static RenewalAnswer of(Verdict verdict, long sentAt) {
    return new RenewalAnswer(verdict, sentAt, 0);
  }

  /** Writes it. */
  public void write(WireWriter out) {
    out.u8(verdict.ordinal() | (epoch > 0 ? WITH_EPOCH : 0)).i64(sentAt);
    if (epoch > 0) {
      out.i64(epoch);
    }
  }

  /** Reads one. */
  public static RenewalAnswer read(WireReader in) {
    int first = in.u8();
    int verdict = first & ~WITH_EPOCH;
    if (verdict >= VERDICTS.length) {
      throw new WireException("unknown verdict on a lease: " + first);
    }
    long sentAt = in.i64();
    long epoch = first == verdict ? 0 : Renewal.epoch(in);
    if (first != verdict && epoch == 0) {
      throw new WireException("an epoch is announced and is 0");
    }
    return new RenewalAnswer(VERDICTS[verdict], sentAt, epoch);
  }
}
