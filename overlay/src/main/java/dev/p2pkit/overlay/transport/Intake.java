// What a connection has read, and whether it must wait before it reads on.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import dev.p2pkit.sdk.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Counts what one connection reads, and limits its rate. Not thread-safe. */
final class Intake {
  private static final Channel[] CHANNELS = Channel.values();

  /** Length and type of a frame. */
  private static final int OVERHEAD_BYTES = 5;

  private final Counters counters;
  private final long[] frames = new long[CHANNELS.length];
  private final long[] bytes = new long[CHANNELS.length];
  private final @Nullable TokenBucket[] buckets = new @Nullable TokenBucket[CHANNELS.length];

  Intake(LinkSetup setup, long nowNanos) {
    counters = setup.counters();
    setup
        .config()
        .rates()
        .receive()
        .forEach((channel, rate) -> buckets[channel.ordinal()] = new TokenBucket(rate, nowNanos));
  }

  void count(Channel channel, int bodyLength) {
    frames[channel.ordinal()]++;
    bytes[channel.ordinal()] += bodyLength + OVERHEAD_BYTES;
  }

  /** Passes the counts on; whether there were any messages. */
  boolean flush() {
    boolean any = false;
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] > 0) {
        any = true;
        counters.received(i, frames[i], bytes[i]);
        TokenBucket bucket = buckets[i];
        if (bucket != null) {
          bucket.take(bytes[i]);
        }
        frames[i] = 0;
        bytes[i] = 0;
      }
    }
    return any;
  }

  /** How long to stop reading; 0 to go on. */
  long pauseMillis() {
    long longest = 0;
    for (TokenBucket bucket : buckets) {
      if (bucket != null) {
        longest = Math.max(longest, bucket.delayMillis(System.nanoTime()));
      }
    }
    return longest;
  }

  /** Under which heading a refused greeting is counted. */
  static Drop dropFor(ErrorCode code) {
    return switch (code) {
      case NETWORK_MISMATCH -> Drop.NETWORK_MISMATCH;
      case VERSION_SKEW -> Drop.VERSION_SKEW;
      case PROTOCOL_ERROR -> Drop.PROTOCOL_ERROR;
      case BUSY -> Drop.TOO_MANY;
      default -> Drop.UNAUTHORISED;
    };
  }
}
