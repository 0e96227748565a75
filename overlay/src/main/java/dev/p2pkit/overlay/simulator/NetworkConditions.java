// How well the simulated network works.
package dev.p2pkit.overlay.simulator;

/**
 * How well the simulated network works. Times are in microseconds, chances between 0 and 1.
 *
 * @param latency the shortest time a message is on its way
 * @param jitter up to how much longer it takes, evenly spread
 * @param loss the chance that a message vanishes although its link stays up
 * @param linkLoss the chance that sending a message breaks its link: both sides learn of it
 * @param duplication the chance that a message arrives twice
 * @param reordering the chance that a message is not kept in the order of its link and may be
 *     overtaken
 * @param dialTimeout after how long a dial to a silent host is given up
 * @param silenceTimeout after how long of silence a link over a cut path, or to a dead host or a
 *     paused peer, goes down
 * @param codecShare the share of messages that are encoded and decoded on the way
 */
public record NetworkConditions(
    long latency,
    long jitter,
    double loss,
    double linkLoss,
    double duplication,
    double reordering,
    long dialTimeout,
    long silenceTimeout,
    double codecShare) {

  /** 5 to 25 ms one way, no faults, one message in a hundred through its codec. */
  public static final NetworkConditions DEFAULT =
      new NetworkConditions(5_000, 20_000, 0, 0, 0, 0, 3_000_000, 15_000_000, 0.01);

  public NetworkConditions {
    if (latency < 0 || jitter < 0 || dialTimeout <= 0 || silenceTimeout <= 0) {
      throw new IllegalArgumentException("times are not negative");
    }
    for (double chance : new double[] {loss, linkLoss, duplication, reordering, codecShare}) {
      if (!(chance >= 0 && chance <= 1)) {
        throw new IllegalArgumentException("a chance lies between 0 and 1, not " + chance);
      }
    }
  }

  /** The same with other delays, in microseconds. */
  public NetworkConditions withLatency(long shortest, long spread) {
    return new NetworkConditions(
        shortest,
        spread,
        loss,
        linkLoss,
        duplication,
        reordering,
        dialTimeout,
        silenceTimeout,
        codecShare);
  }

  /** The same with another chance that a message vanishes. */
  public NetworkConditions withLoss(double chance) {
    return new NetworkConditions(
        latency,
        jitter,
        chance,
        linkLoss,
        duplication,
        reordering,
        dialTimeout,
        silenceTimeout,
        codecShare);
  }

  /** The same with another chance that a message breaks its link. */
  public NetworkConditions withLinkLoss(double chance) {
    return new NetworkConditions(
        latency,
        jitter,
        loss,
        chance,
        duplication,
        reordering,
        dialTimeout,
        silenceTimeout,
        codecShare);
  }

  /** The same with another chance that a message arrives twice. */
  public NetworkConditions withDuplication(double chance) {
    return new NetworkConditions(
        latency,
        jitter,
        loss,
        linkLoss,
        chance,
        reordering,
        dialTimeout,
        silenceTimeout,
        codecShare);
  }

  /** The same with another chance that a message may be overtaken. */
  public NetworkConditions withReordering(double chance) {
    return new NetworkConditions(
        latency,
        jitter,
        loss,
        linkLoss,
        duplication,
        chance,
        dialTimeout,
        silenceTimeout,
        codecShare);
  }

  /** The same with other patience towards silent hosts, in microseconds. */
  public NetworkConditions withTimeouts(long dial, long silence) {
    return new NetworkConditions(
        latency, jitter, loss, linkLoss, duplication, reordering, dial, silence, codecShare);
  }

  /** The same with another share of messages that go through their codec. */
  public NetworkConditions withCodecShare(double share) {
    return new NetworkConditions(
        latency,
        jitter,
        loss,
        linkLoss,
        duplication,
        reordering,
        dialTimeout,
        silenceTimeout,
        share);
  }
}
