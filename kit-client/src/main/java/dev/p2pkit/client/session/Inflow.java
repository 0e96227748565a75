// One subscription as the client sees it: what came, what is acknowledged, what may still come.
package dev.p2pkit.client.session;

import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Feed;
import java.util.Optional;

/**
 * Counts one subscription. The peer may have at most {@code window} messages on the way or unread
 * here; what the program has taken is granted again, in lots, and what has arrived is acknowledged.
 * Not thread-safe.
 */
final class Inflow {
  /** After so many messages an acknowledgement goes out, even if nobody waits for it. */
  private static final int LOT = 16;

  private final long subscription;
  private final Feed feed;
  private final int window;
  private long lastNumber;
  private long acknowledged;
  private long consumed;
  private long granted;

  Inflow(long subscription, Feed feed, int window) {
    this.subscription = subscription;
    this.feed = feed;
    this.window = window;
    this.granted = window;
  }

  /** The first credit. */
  int window() {
    return window;
  }

  /**
   * A delivery has arrived.
   *
   * @return whether its number is the next one and within the credit; anything else is a mistake of
   *     the peer
   */
  boolean arrived(long number) {
    if (number != lastNumber + 1 || number > granted) {
      return false;
    }
    lastNumber = number;
    return true;
  }

  /** The program has taken so many messages. */
  void consumed(long count) {
    // What the program took besides this feed, or from a session before, is not granted here.
    consumed = Math.min(consumed + count, lastNumber);
  }

  /** What the peer should be told now. */
  Optional<Credit> due() {
    long grant = consumed + window - granted;
    long unacknowledged = lastNumber - acknowledged;
    // The sender of a message for a proxy waits for its acknowledgement.
    boolean acknowledge = unacknowledged > 0 && (feed == Feed.PROXY || unacknowledged >= LOT);
    if (!acknowledge && grant < Math.max(1, window / 4)) {
      return Optional.empty();
    }
    granted += grant;
    acknowledged = lastNumber;
    return Optional.of(new Credit(subscription, (int) grant, lastNumber));
  }
}
