// When those came who came lately.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When those came who came lately, in the order in which they came. A peer of a large network meets
 * hundreds in ten seconds and asks about few of them, so this is three arrays and not a map: 16
 * bytes for each, and a look-up goes through all. Of more than {@link #MOST} the oldest are
 * forgotten.
 */
final class Arrivals {
  /** More come in so short a time only where whole rings unite. */
  static final int MOST = 16_384;

  private static final int FIRST = 8;
  private static final int[] NO_TAGS = {};
  private static final @Nullable PeerId[] NO_IDS = {};
  private static final long[] NO_TIMES = {};

  /** A part of each id, in which one is searched without a look at the ids themselves. */
  private int[] tags = NO_TAGS;

  private @Nullable PeerId[] ids = NO_IDS;
  private long[] times = NO_TIMES;

  /** The place of the oldest; they go round the arrays, whose length is a power of two. */
  private int oldest;

  private int size;

  /** Somebody has come, no earlier than those before. */
  void came(long now, PeerId id) {
    if (size == MOST) {
      forgetOldest();
    } else if (size == times.length) {
      grow();
    }
    int at = place(size++);
    tags[at] = tag(id);
    ids[at] = id;
    times[at] = now;
  }

  private void grow() {
    int room = Math.max(FIRST, 2 * size);
    int[] moreTags = new int[room];
    @Nullable PeerId[] moreIds = new PeerId[room];
    long[] moreTimes = new long[room];
    for (int i = 0; i < size; i++) {
      moreTags[i] = tags[place(i)];
      moreIds[i] = ids[place(i)];
      moreTimes[i] = times[place(i)];
    }
    tags = moreTags;
    ids = moreIds;
    times = moreTimes;
    oldest = 0;
  }

  /** When this peer came last; 0 if that is long ago, or it never did. */
  long since(PeerId id) {
    int tag = tag(id);
    for (int i = size - 1; i >= 0; i--) {
      int at = place(i);
      if (tags[at] == tag && id.equals(ids[at])) {
        return times[at];
      }
    }
    return 0;
  }

  /** Forgets those who came before a time. */
  void forgetBefore(long time) {
    while (size > 0 && times[oldest] < time) {
      forgetOldest();
    }
  }

  private void forgetOldest() {
    ids[oldest] = null;
    oldest = place(1);
    size--;
  }

  void clear() {
    Arrays.fill(ids, null);
    oldest = 0;
    size = 0;
  }

  private int place(int number) {
    return oldest + number & times.length - 1;
  }

  private static int tag(PeerId id) {
    return (int) id.position().low();
  }
}
