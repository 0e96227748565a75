// Sees when the lists of neighbours of a run lose their order or their ring.
package dev.p2pkit.overlay.simulator.oracle;

import dev.p2pkit.sdk.PeerId;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sees when lists of neighbours are out of order, which must never be, and when Zave's invariant
 * breaks ({@link RingShape}), which must not be while what its proof assumes of failures holds: a
 * peer that dies leaves everybody a live successor and enough principals, and nobody is taken for
 * dead who lives. A run that breaks the assumption is judged again from the first look that finds
 * the invariant true.
 *
 * <p>A list is looked at when it changes; all of them together, which takes n log n steps, only in
 * rings of up to {@value #MOST_WHOLE} members. Until the first such look only order is judged.
 */
public final class ShapeOracle {
  /** Larger rings are looked at peer by peer only. */
  public static final int MOST_WHOLE = 300;

  /** Rings of up to this size are looked at ten times a second, larger ones once. */
  public static final int MOST_OFTEN = 64;

  private final int listLength;
  private final Findings findings;
  private boolean assumed;

  /** More principals than this are asked for. */
  private int needed;

  private long looks;
  private long judged;

  /**
   * Watches a run from its beginning.
   *
   * @param listLength how many successors a member keeps
   */
  public ShapeOracle(int listLength, Findings findings) {
    this.listLength = listLength;
    this.findings = findings;
  }

  /** The lists of a member have changed; takes time in proportion to their length. */
  public void changed(Neighbours member, long now) {
    RingShape.disorder(member).ifPresent(text -> findings.add(Promise.LISTS_ORDERED, now, text));
  }

  /** Something happens that the proof does not allow: living peers may be taken for dead. */
  public void notAssumed() {
    assumed = false;
  }

  /**
   * A member is about to die or to leave.
   *
   * @param size how many live, this one among them
   * @param ring their lists
   */
  public void dies(PeerId victim, int size, Supplier<RingShape> ring) {
    if (assumed) {
      assumed = size <= MOST_WHOLE && ring.get().mayDie(victim, needed);
    }
  }

  /**
   * All members at one moment.
   *
   * @param faultless whether nothing is going on that the proof does not allow
   */
  public void look(RingShape shape, boolean faultless, long now) {
    int size = shape.size();
    if (size > MOST_WHOLE) {
      assumed = false;
      return;
    }
    looks++;
    judged += assumed && faultless ? 1 : 0;
    // A ring no larger than a list and one cannot have more principals: there everybody knows
    // everybody. Once it has grown they are counted from the look that finds enough of them.
    Optional<String> broken = shape.broken(size > listLength + 1 ? needed : 0);
    if (broken.isPresent() && assumed && faultless) {
      findings.add(Promise.RING_INVARIANT, now, broken.get() + " in a ring of " + size);
    }
    assumed = faultless && broken.isEmpty();
    needed = assumed && shape.principals().size() > listLength ? listLength : 0;
  }

  /** How often all members were looked at. */
  public long looks() {
    return looks;
  }

  /** At which share of the looks at all members the invariant was judged; NaN if there was none. */
  public double judgedShare() {
    return looks == 0 ? Double.NaN : (double) judged / looks;
  }

  /** Whether the invariant is judged now. */
  public boolean judging() {
    return assumed;
  }
}
