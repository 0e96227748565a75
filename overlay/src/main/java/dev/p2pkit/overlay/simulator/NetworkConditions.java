// How well the simulated network works.
package dev.p2pkit.overlay.simulator;

import java.util.function.Consumer;

/**
 * How well the simulated network works. Times are in microseconds, chances between 0 and 1.
 *
 * @param latency the shortest time a message is on its way
 * @param jitter up to how much longer it takes, evenly spread
 * @param tail how much longer still it takes on average, exponentially spread: most messages are
 *     fast and a few are very slow
 * @param loss the chance that a message vanishes although its link stays up, and the next ones
 *     arrive, which no real link does: harsher than reality
 * @param linkLoss the chance that sending a message breaks its link: both sides learn of it
 * @param duplication the chance that a message arrives twice
 * @param reordering the chance that a message is not kept in the order of its link and may be
 *     overtaken
 * @param dialTimeout after how long a dial to a silent host is given up
 * @param silenceTimeout after how long of silence a link over a cut path, or to a dead host or a
 *     paused peer, goes down
 * @param dialRounds how many round trips pass until a link is open: one for TCP, one for TLS, one
 *     for the greeting. 1 to 10
 * @param retransmission the chance that a message is lost and sent again, as TCP does: it and all
 *     behind it on the link come 200 ms later, 400 ms if it is lost again, and so on
 * @param codecShare the share of messages that are encoded and decoded on the way
 */
public record NetworkConditions(
    long latency,
    long jitter,
    long tail,
    double loss,
    double linkLoss,
    double duplication,
    double reordering,
    long dialTimeout,
    long silenceTimeout,
    int dialRounds,
    double retransmission,
    double codecShare) {

  /** 5 to 25 ms one way, no faults, one message in a hundred through its codec. */
  public static final NetworkConditions DEFAULT =
      new NetworkConditions(5_000, 20_000, 0, 0, 0, 0, 0, 3_000_000, 15_000_000, 1, 0, 0.01);

  /**
   * Peers all over the world: 5 ms and an exponential part of 35 ms, so 40 ms one way on average;
   * links take three round trips to open.
   */
  public static final NetworkConditions WIDE_AREA =
      new NetworkConditions(5_000, 0, 35_000, 0, 0, 0, 0, 3_000_000, 15_000_000, 3, 0, 0.01);

  /** Peers in one building: 0.2 to 0.5 ms one way, three round trips to open a link. */
  public static final NetworkConditions LOCAL_AREA =
      new NetworkConditions(200, 300, 0, 0, 0, 0, 0, 3_000_000, 15_000_000, 3, 0, 0.01);

  public NetworkConditions {
    if (latency < 0 || jitter < 0 || tail < 0 || dialTimeout <= 0 || silenceTimeout <= 0) {
      throw new IllegalArgumentException("times are not negative");
    }
    if (dialRounds < 1 || dialRounds > 10) {
      throw new IllegalArgumentException(
          "a link opens after 1 to 10 round trips, not " + dialRounds);
    }
    for (double chance :
        new double[] {loss, retransmission, linkLoss, duplication, reordering, codecShare}) {
      if (!(chance >= 0 && chance <= 1)) {
        throw new IllegalArgumentException("a chance lies between 0 and 1, not " + chance);
      }
    }
  }

  /** The same with other delays, in microseconds. */
  public NetworkConditions withLatency(long shortest, long spread) {
    return with(
        other -> {
          other.latency = shortest;
          other.jitter = spread;
        });
  }

  /** The same with another exponential part of the delay, in microseconds. */
  public NetworkConditions withTail(long mean) {
    return with(other -> other.tail = mean);
  }

  /** The same with another chance that a message vanishes. */
  public NetworkConditions withLoss(double chance) {
    return with(other -> other.loss = chance);
  }

  /** The same with another chance that a message breaks its link. */
  public NetworkConditions withLinkLoss(double chance) {
    return with(other -> other.linkLoss = chance);
  }

  /** The same with another chance that a message arrives twice. */
  public NetworkConditions withDuplication(double chance) {
    return with(other -> other.duplication = chance);
  }

  /** The same with another chance that a message may be overtaken. */
  public NetworkConditions withReordering(double chance) {
    return with(other -> other.reordering = chance);
  }

  /** The same with other patience towards silent hosts, in microseconds. */
  public NetworkConditions withTimeouts(long dial, long silence) {
    return with(
        other -> {
          other.dialTimeout = dial;
          other.silenceTimeout = silence;
        });
  }

  /** The same with another number of round trips until a link is open. */
  public NetworkConditions withDialRounds(int rounds) {
    return with(other -> other.dialRounds = rounds);
  }

  /** The same with another chance that a message is lost and sent again. */
  public NetworkConditions withRetransmission(double chance) {
    return with(other -> other.retransmission = chance);
  }

  /** The same without loss of any kind, doubles and overtaking. */
  public NetworkConditions calm() {
    return with(
        other -> {
          other.loss = 0;
          other.retransmission = 0;
          other.linkLoss = 0;
          other.duplication = 0;
          other.reordering = 0;
        });
  }

  /** The same with another share of messages that go through their codec. */
  public NetworkConditions withCodecShare(double share) {
    return with(other -> other.codecShare = share);
  }

  private NetworkConditions with(Consumer<Draft> change) {
    Draft other = new Draft(this);
    change.accept(other);
    return other.conditions();
  }

  /** The components, to be changed one by one. */
  private static final class Draft {
    private long latency;
    private long jitter;
    private long tail;
    private double loss;
    private double linkLoss;
    private double duplication;
    private double reordering;
    private long dialTimeout;
    private long silenceTimeout;
    private int dialRounds;
    private double retransmission;
    private double codecShare;

    Draft(NetworkConditions from) {
      latency = from.latency;
      jitter = from.jitter;
      tail = from.tail;
      loss = from.loss;
      linkLoss = from.linkLoss;
      duplication = from.duplication;
      reordering = from.reordering;
      dialTimeout = from.dialTimeout;
      silenceTimeout = from.silenceTimeout;
      dialRounds = from.dialRounds;
      retransmission = from.retransmission;
      codecShare = from.codecShare;
    }

    NetworkConditions conditions() {
      return new NetworkConditions(
          latency,
          jitter,
          tail,
          loss,
          linkLoss,
          duplication,
          reordering,
          dialTimeout,
          silenceTimeout,
          dialRounds,
          retransmission,
          codecShare);
    }
  }
}
