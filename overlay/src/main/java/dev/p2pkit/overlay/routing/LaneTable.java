// Which call comes after which: the order of messages to one access point under one target.
package dev.p2pkit.overlay.routing;

import org.jspecify.annotations.Nullable;

/**
 * The open calls by lane (access point and target), in the order in which they were opened. A hash
 * table whose chains run through the calls, newest first: the predecessor in a lane is the first of
 * its kind in the chain.
 */
final class LaneTable {
  private static final int SMALLEST = 8;

  private @Nullable Call[] buckets = new @Nullable Call[SMALLEST];
  private int size;

  private int bucket(Call call) {
    long mixed =
        (call.draft.target().high()
                ^ call.draft.target().low()
                ^ call.draft.accessPoint().hashCode())
            * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & (buckets.length - 1);
  }

  /** Puts a new call at the end of its lane. */
  void add(Call call) {
    if (size >= buckets.length) {
      grow();
    }
    int at = bucket(call);
    Call head = buckets[at];
    Call before = head;
    while (before != null && !before.sameLane(call)) {
      before = before.bucketNext;
    }
    if (before != null) {
      call.laneBefore = before;
      before.laneAfter = call;
    }
    pushFront(at, call);
    call.inLane = true;
    size++;
  }

  private void pushFront(int at, Call call) {
    Call head = buckets[at];
    call.bucketNext = head;
    call.bucketPrevious = null;
    if (head != null) {
      head.bucketPrevious = call;
    }
    buckets[at] = call;
  }

  /** Takes a call out; returns the one that came after it in its lane. */
  @Nullable Call remove(Call call) {
    if (!call.inLane) {
      return null;
    }
    Call previous = call.bucketPrevious;
    Call next = call.bucketNext;
    if (previous == null) {
      buckets[bucket(call)] = next;
    } else {
      previous.bucketNext = next;
    }
    if (next != null) {
      next.bucketPrevious = previous;
    }
    Call before = call.laneBefore;
    Call after = call.laneAfter;
    if (before != null) {
      before.laneAfter = after;
    }
    if (after != null) {
      after.laneBefore = before;
    }
    call.bucketNext = null;
    call.bucketPrevious = null;
    call.laneBefore = null;
    call.laneAfter = null;
    call.inLane = false;
    size--;
    return after;
  }

  private void grow() {
    @Nullable Call[] old = buckets;
    buckets = new @Nullable Call[2 * old.length];
    for (Call head : old) {
      // Oldest first, so that pushing to the front leaves the newest there.
      Call tail = head;
      while (tail != null && tail.bucketNext != null) {
        tail = tail.bucketNext;
      }
      while (tail != null) {
        Call newer = tail.bucketPrevious;
        pushFront(bucket(tail), tail);
        tail = newer;
      }
    }
  }
}
