// The broadcasts of one origin, in order.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts of one origin: all up to a number are settled, which is the whole memory of them.
 * What comes too early waits.
 */
final class Stream {
  /** More broadcasts that came too late are not told apart. */
  private static final int MOST_LATE = 16_384;

  /** More restarts within the memory of a stream are not told apart. */
  private static final int MOST_PASSED_OVER = 16;

  /** Numbers that might have been those of a broadcast; nobody had named one. */
  private record Span(long after, long upTo) {}

  /**
   * All up to this number were delivered, skipped, passed over, or are from before this peer's
   * time.
   */
  long settled;

  /** What waits for an earlier one. */
  final NavigableMap<Long, Content> waiting = new TreeMap<>();

  /** Who has brought the last of those that wait, or have waited. */
  @Nullable PeerRef bringer;

  /** A payload of which some parts have come. */
  @Nullable Assembly assembly;

  /** How long the first of those that wait has done so while this process ran (µs). */
  long waited;

  /** Up to when that was counted. */
  long waitedUpTo;

  /** How often the missing ones were asked for. */
  int asked;

  /** Looks after those that are missing. */
  Agenda.@Nullable Entry chase;

  /** When something of this origin came last. */
  long usedAt;

  final Allowance allowance;

  private final Deque<Span> passedOver = new ArrayDeque<>();

  /** Which of those that were passed over have come after all. */
  private final Set<Long> late = new HashSet<>();

  Stream(long settled, Allowance allowance) {
    this.settled = settled;
    this.allowance = allowance;
  }

  boolean hasSeen(long sequence) {
    return waiting.containsKey(sequence) || (sequence <= settled && !isPassedOver(sequence));
  }

  /** A content has its turn. */
  void settle(Content content) {
    long base = Content.base(content.origin);
    if (settled < base) {
      passOver(Math.max(settled, content.earlier), base);
    }
    settled = Math.max(settled, content.id.sequence());
  }

  /** Of these numbers nothing is known. */
  void passOver(long after, long upTo) {
    passedOver.add(new Span(after, upTo));
    if (passedOver.size() > MOST_PASSED_OVER) {
      passedOver.remove();
    }
  }

  /** Whether it was not waited for, because nobody had named it, and has not come until now. */
  boolean isPassedOver(long sequence) {
    return late.size() < MOST_LATE
        && !late.contains(sequence)
        && passedOver.stream().anyMatch(span -> span.after() < sequence && sequence <= span.upTo());
  }

  /** One that was passed over has come. */
  void late(long sequence) {
    late.add(sequence);
  }
}
