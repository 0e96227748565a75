// What of an origin is missing before the first broadcast of it that waits.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

/**
 * What of an origin is missing before the first broadcast of it that waits: numbers of the process
 * before, as far as the waiting one names them, and numbers of its own process. The numbers between
 * these two belong to nothing.
 *
 * @param earlierFrom the first missing number of the process before
 * @param earlierUpTo the last one; less than the first if none is missing
 * @param from the first missing number of the process of the waiting one
 * @param upTo the last one; less than the first if none is missing
 */
record Gap(long earlierFrom, long earlierUpTo, long from, long upTo) {
  /** What is missing before the first that waits. */
  static Gap before(Stream stream) {
    Content next = stream.waiting.firstEntry().getValue();
    long settled = stream.settled;
    long base = Content.base(next.origin);
    long upTo = next.id.sequence() - 1;
    if (settled >= base) {
      return new Gap(1, 0, settled + 1, upTo);
    }
    boolean known = process(settled) == process(next.lowest);
    long earlierFrom = known ? settled + 1 : Math.max(settled + 1, next.lowest);
    return new Gap(earlierFrom, next.earlier, base + 1, upTo);
  }

  /** The process that begins with such numbers, if it did not begin a million in a millisecond. */
  static long process(long sequence) {
    return (sequence - 1) >> BroadcastConfig.BITS_PER_MILLISECOND;
  }

  boolean isEmpty() {
    return count() == 0;
  }

  long count() {
    return length(earlierFrom, earlierUpTo) + length(from, upTo);
  }

  private static long length(long from, long upTo) {
    return Math.max(0, upTo - from + 1);
  }

  /** The first of what is missing. */
  List<BroadcastId> first(PeerId origin, int most) {
    List<BroadcastId> ids = new ArrayList<>();
    for (long each = earlierFrom; each <= earlierUpTo && ids.size() < most; each++) {
      ids.add(new BroadcastId(origin, each));
    }
    for (long each = from; each <= upTo && ids.size() < most; each++) {
      ids.add(new BroadcastId(origin, each));
    }
    return ids;
  }
}
