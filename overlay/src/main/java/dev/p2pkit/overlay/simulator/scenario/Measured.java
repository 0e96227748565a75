// What a run has shown of a goal.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.Locale;

/**
 * What a run has shown of a goal: the figures of its report that matter, beside what they were to
 * be.
 *
 * @param text what came out, in words
 * @param met whether that is enough
 */
public record Measured(String text, boolean met) {
  /** This, met only if the other is as well, which has the same words. */
  Measured and(Measured other) {
    return new Measured(text, met && other.met);
  }

  /**
   * How many links a send crosses, once those that it needs are open; cold ones beside, and what a
   * peer sends in a second to stay in the ring.
   */
  static Measured hops(Report report, double mean, double p99) {
    double got = report.figure("hopsMean");
    return new Measured(
        String.format(
            Locale.ROOT,
            "%.4f / %.0f of %,.0f sends; cold %.2f / %.0f; %,.0f B/s a peer",
            got,
            report.figure("hopsP99"),
            report.figure("warmSends"),
            report.figure("hopsColdMean"),
            report.figure("hopsColdP99"),
            report.figure("bytesPerPeerPerSecond")),
        got <= mean && report.figure("hopsP99") <= p99);
  }

  /**
   * How many links a send crosses where nobody knows everybody: of those whose sender has no link
   * to the owner, since with one any table would do. Those that wait for a link on the way count.
   */
  static Measured hopsByTable(Report report, double mean, double p99) {
    double got = report.figure("hopsColdMean");
    return new Measured(
        String.format(
            Locale.ROOT,
            "%.4f / %.0f of %,.0f sends without a link to the owner; %,.0f B/s a peer",
            got,
            report.figure("hopsColdP99"),
            report.figure("delivered") - report.figure("warmSends"),
            report.figure("bytesPerPeerPerSecond")),
        got <= mean && report.figure("hopsColdP99") <= p99);
  }

  /** How many sends arrive in time, as shares of all; a false outcome meets no goal. */
  static Measured sends(Report report, double inTwo, double inTen) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%.4f %% within 2 s, %.4f %% within 10 s of %,.0f; %.0f unknown, %.0f false",
            100 * report.figure("within2s"),
            100 * report.figure("within10s"),
            report.figure("sends"),
            report.figure("unknown"),
            report.figure("falseOutcomes")),
        report.figure("within2s") >= inTwo
            && report.figure("within10s") >= inTen
            && report.figure("falseOutcomes") == 0);
  }

  /** How soon the keys of a dead peer have an owner again, at the worst. */
  static Measured takeOver(Report report, double millis) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.0f ms half, %,.0f ms at most, of %.0f",
            report.figure("takeOverP50Millis"),
            report.figure("takeOverMaxMillis"),
            report.figure("crashes")),
        report.figure("takeOverMaxMillis") <= millis);
  }

  /** Whether broadcasts reach everybody, for how many payloads a peer, and how soon the last. */
  static Measured broadcasts(Report report, double payloads, double millis) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%.4f %%, %.3f payloads, last after %,.0f ms (cold %,.0f ms)",
            100 * report.figure("broadcastCoverage"),
            report.figure("broadcastPayloadsPerPeer"),
            report.figure("broadcastLastMillis"),
            report.figure("broadcastColdLastMillis")),
        report.figure("broadcastCoverage") == 1
            && report.figure("broadcastPayloadsPerPeer") <= payloads
            && report.figure("broadcastLastMillis") <= millis);
  }

  /** How soon the keys of a peer that leaves have an owner again, and what becomes of sends. */
  static Measured leaves(Report report, double millis) {
    Measured sends = sends(report, 1, 1);
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.0f ms half, %,.0f ms at most, of %.0f; %s",
            report.figure("leaveP50Millis"),
            report.figure("leaveMaxMillis"),
            report.figure("leaves"),
            sends.text()),
        report.figure("leaveMaxMillis") <= millis && sends.met());
  }

  /** How many sends came to the owner whom a watcher who knows all would name. */
  static Measured rightOwners(Report report, double share) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%.2f %% of %,.0f at the right owner, p50 %,.0f ms, p99 %,.0f ms",
            100 * report.figure("atOwner"),
            report.figure("sends"),
            report.figure("latencyP50Millis"),
            report.figure("latencyP99Millis")),
        report.figure("atOwner") >= share);
  }

  /** How soon nearly all keys have an owner again. */
  static Measured served(Report report, double millis) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "99 %% after %,.1f s, 99.99 %% after %,.1f s",
            report.figure("heal99Millis") / 1e3,
            report.figure("heal9999Millis") / 1e3),
        report.figure("heal9999Millis") <= millis);
  }

  /** What the union of two rings takes. */
  static Measured union(Report report, double millis, double messages) {
    if (Double.isNaN(report.figure("mergeMillis"))) {
      return new Measured("not one ring when the run was over", false);
    }
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.1f s, %,.0f messages a peer",
            report.figure("mergeMillis") / 1e3,
            report.figure("mergeMessagesPerPeer")),
        report.figure("mergeMillis") <= millis
            && report.figure("mergeMessagesPerPeer") <= messages);
  }

  /** What all peers together send to stay a ring, by peer and second. */
  static Measured upkeep(Report report, double bytes) {
    return new Measured(
        String.format(Locale.ROOT, "%.0f B/s", report.figure("bytesPerPeerPerSecond")),
        report.figure("bytesPerPeerPerSecond") <= bytes);
  }

  /** What the busiest peer sends to stay in the ring, in its worst 30 s. */
  static Measured mostUpkeep(Report report, double bytes) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.0f B/s at most, %,.0f on average",
            report.figure("bytesPerPeerPerSecondMost"),
            report.figure("bytesPerPeerPerSecond")),
        report.figure("bytesPerPeerPerSecondMost") <= bytes);
  }

  /** How long joining takes, in milliseconds; the first two are medians. */
  static Measured joins(Report report, double afterLink, double inAll, double p99) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.0f ms after the first link, %,.0f ms in all, p99 %,.0f ms, of %,.0f",
            report.figure("joinAfterLinkP50Millis"),
            report.figure("joinP50Millis"),
            report.figure("joinP99Millis"),
            report.figure("joins")),
        report.figure("joinAfterLinkP50Millis") <= afterLink
            && report.figure("joinP50Millis") <= inAll
            && report.figure("joinP99Millis") <= p99);
  }

  /**
   * Whether a network fits into memory: what a peer takes, times this number of peers.
   *
   * @param gib how much there is
   */
  static Measured memory(Report report, int peers, double gib) {
    double most = gib * (1L << 30) / peers;
    return new Measured(speed(report).text(), report.figure("memoryPerPeerBytes") <= most);
  }

  /** By the clock, as a user waits for it; what a processor alone would do is shown beside. */
  static Measured speed(Report report) {
    return new Measured(
        String.format(
            Locale.ROOT,
            "%,.0f events/s (%,.0f per second of processor), %,.0f KiB a peer",
            report.figure("eventsPerSecond"),
            report.figure("eventsPerProcessorSecond"),
            report.figure("memoryPerPeerBytes") / 1_024),
        report.figure("eventsPerSecond") >= 1_000_000);
  }
}
