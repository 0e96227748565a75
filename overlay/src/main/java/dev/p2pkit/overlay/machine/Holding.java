// What a peer may serve at this very moment: written by its ring, read by everybody else.
package dev.p2pkit.overlay.machine;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.List;
import java.util.OptionalLong;

/**
 * What one peer may serve, for each {@link OwnershipMode}. The ring writes on its thread; readers
 * on any thread see the latest without a lock, and a renewal needs no new {@link RingView}. Times
 * are the peer's machine time, in microseconds: read the clock at the moment of the check.
 */
public final class Holding {
  private volatile Tenure strict = Tenure.NONE;
  private volatile Tenure available = Tenure.NONE;

  /**
   * A part of an arc and since when it is held.
   *
   * @param after where it begins; this key itself is not part of it
   * @param upTo where it ends, inclusive; equal to {@code after} for the whole ring
   * @param since since when, without a break, this peer holds it, or has inherited the memory of
   *     those who held it; may lie before the start of the clock
   */
  public record Part(Key after, Key upTo, long since) {}

  /**
   * An arc that may be served until some time.
   *
   * @param after where it begins; this key itself is not part of it
   * @param upTo where it ends, inclusive; equal to {@code after} for the whole ring
   * @param epoch grows whenever a key changes hands
   * @param until when it may not be served any more
   * @param parts since when which part of it is held
   */
  public record Tenure(Key after, Key upTo, long epoch, long until, List<Part> parts) {
    /** Nothing. */
    public static final Tenure NONE = new Tenure(Key.ZERO, Key.ZERO, 0, Long.MIN_VALUE, List.of());

    public Tenure {
      parts = List.copyOf(parts);
    }

    /** Whether it is {@link #NONE}. */
    public boolean isNone() {
      return until == Long.MIN_VALUE;
    }

    /** Whether the key may be served now. */
    public boolean covers(Key key, long now) {
      return now < until && key.isIn(after, upTo);
    }

    /** Since when the key is held; empty if it is not held at all. */
    public OptionalLong since(Key key) {
      if (isNone() || !key.isIn(after, upTo)) {
        return OptionalLong.empty();
      }
      for (Part part : parts) {
        if (key.isIn(part.after(), part.upTo())) {
          return OptionalLong.of(part.since());
        }
      }
      return OptionalLong.empty();
    }
  }

  /** A holding that never ends: for those who drive a machine without a ring. */
  static Holding always(Key after, Key upTo) {
    Holding holding = new Holding();
    Tenure tenure =
        new Tenure(
            after, upTo, 1, Long.MAX_VALUE, List.of(new Part(after, upTo, Long.MIN_VALUE / 2)));
    holding.set(OwnershipMode.STRICT, tenure);
    holding.set(OwnershipMode.AVAILABLE, tenure);
    return holding;
  }

  /** What may be served in this mode, as one consistent picture. */
  public Tenure tenure(OwnershipMode mode) {
    return mode == OwnershipMode.STRICT ? strict : available;
  }

  /** Whether the key may be served now. */
  public boolean mayServe(Key key, long now, OwnershipMode mode) {
    return tenure(mode).covers(key, now);
  }

  /** For the one thread that writes. */
  public void set(OwnershipMode mode, Tenure tenure) {
    if (mode == OwnershipMode.STRICT) {
      strict = tenure;
    } else {
      available = tenure;
    }
  }
}
