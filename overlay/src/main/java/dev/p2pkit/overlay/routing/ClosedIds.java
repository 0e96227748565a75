// Which messages of an origin nobody waits for any more.
package dev.p2pkit.overlay.routing;

import java.util.Arrays;

/**
 * The ids of an origin that are closed: all below a mark, but for a few. What is closed stays so,
 * in whatever order the words of it come.
 */
final class ClosedIds {
  private static final long[] NONE = {};

  private long mark;
  private long[] open = NONE;

  /** Whether a message is closed. */
  boolean has(long id) {
    return id < mark && Arrays.binarySearch(open, id) < 0;
  }

  /** Below it everything is closed, but for a few. */
  long mark() {
    return mark;
  }

  /** The same as its origin would say it. */
  RoutingFrame.Settled said() {
    return new RoutingFrame.Settled(mark, open);
  }

  /** All that is closed here or there, as its origin would say it. */
  RoutingFrame.Settled saidWith(ClosedIds other) {
    ClosedIds all = new ClosedIds();
    all.mark = mark;
    all.open = open;
    boolean unused = all.close(other.said());
    return all.said();
  }

  /** Every id below is closed; returns those that were not, of the few below the mark. */
  long[] closeBelow(long lowestOpen) {
    mark = Math.max(mark, lowestOpen);
    int closed = 0;
    while (closed < open.length && open[closed] < lowestOpen) {
      closed++;
    }
    if (closed == 0) {
      return NONE;
    }
    long[] ended = Arrays.copyOf(open, closed);
    open = Arrays.copyOfRange(open, closed, open.length);
    return ended;
  }

  /**
   * What these words say is closed, too: the few that are open are no more than those of the word
   * with the higher mark.
   *
   * @return whether something is closed now that was not before
   */
  boolean close(RoutingFrame.Settled said) {
    int before = open.length;
    long[] still = new long[before + said.open().length];
    int count = 0;
    for (long id : open) {
      if (id >= said.mark() || Arrays.binarySearch(said.open(), id) >= 0) {
        still[count++] = id;
      }
    }
    boolean further = said.mark() > mark;
    boolean less = count < before;
    if (further) {
      for (long id : said.open()) {
        if (id >= mark && id < said.mark()) {
          still[count++] = id;
        }
      }
      mark = said.mark();
    }
    open = Arrays.copyOf(still, count);
    return further || less;
  }

  /** Nothing is closed. */
  void clear() {
    mark = 0;
    open = NONE;
  }
}
