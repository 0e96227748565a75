// Makes a scenario from words: the settings of a file and the flags of the command line are the
// same.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import dev.p2pkit.sdk.OwnerCheck;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.SendOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Makes a {@link Scenario} from words. Every method throws {@link IllegalArgumentException} with
 * one sentence for a reader when a value cannot be used.
 */
public final class ScenarioBuilder {
  /** More incidents than this are a mistake in the file. */
  static final int MOST_INCIDENTS = 100_000;

  private static final int MOST_PEERS = 2_000_000;

  private final List<Incident> incidents = new ArrayList<>();

  /** The first time of each that comes again and again. */
  private final List<Incident> repeated = new ArrayList<>();

  private String name = "custom";
  private int peers = 100;
  private long length = 60_000_000;
  private long session;
  private boolean silent;
  private NetworkConditions conditions = NetworkConditions.WIDE_AREA.withCodecShare(0);
  private OwnershipMode mode = OwnershipMode.STRICT;
  private int sendsPerSecond = 50;
  private int senders;
  private int broadcasts = 3;
  private int payload = 64;
  private long deadline = 10_000_000;
  private boolean repeatable;
  private int level;
  private int budget = 4_096;
  private int drift;
  private double colluding;
  private OwnerCheck check = OwnerCheck.NONE;
  private boolean faults;
  private boolean formed = true;
  private boolean fast;
  private long settle = 120_000_000;
  private int sizes = 1;

  /** What the scenario is called. */
  public ScenarioBuilder name(String what) {
    if (!what.matches("[\\p{L}\\p{N} ,.:%+-]{1,80}")) {
      throw new IllegalArgumentException("a name has 1 to 80 letters, digits and spaces");
    }
    name = what;
    return this;
  }

  /** A setting by its name in files. */
  public ScenarioBuilder set(String setting, String value) {
    switch (setting) {
      case "name" -> name(value);
      case "peers" -> peers = Values.whole(value, 1, MOST_PEERS);
      case "seconds" -> length = 1_000_000L * Values.whole(value, 1, 1_000_000);
      case "session" -> session = value.equals("none") ? 0 : positive(Values.micros(value));
      case "silent" -> silent = Values.yes(value);
      case "delay" -> delay(value);
      case "fixed-delay" ->
          conditions = conditions.withLatency(positive(Values.micros(value)), 0).withTail(0);
      case "loss" -> conditions = conditions.withRetransmission(Values.share(value));
      case "vanish" -> conditions = conditions.withLoss(Values.share(value));
      case "break" -> conditions = conditions.withLinkLoss(Values.share(value));
      case "duplicate" -> conditions = conditions.withDuplication(Values.share(value));
      case "reorder" -> conditions = conditions.withReordering(Values.share(value));
      case "codec" -> conditions = conditions.withCodecShare(Values.share(value));
      case "dial-rounds" -> conditions = conditions.withDialRounds(Values.whole(value, 1, 10));
      case "mode" -> mode = mode(value);
      case "sends-per-second" -> sendsPerSecond = Values.whole(value, 0, 1_000_000);
      case "senders" -> senders = Values.whole(value, 1, MOST_PEERS);
      case "broadcasts" -> broadcasts = Values.whole(value, 0, 10_000);
      case "payload" -> payload = Values.whole(value, 16, 60_000);
      case "deadline" -> deadline = deadline(Values.micros(value));
      case "repeatable" -> repeatable = Values.yes(value);
      case "level" -> level = Values.whole(value, 0, 4);
      case "budget" -> budget = Values.whole(value, 256, 100_000_000);
      case "drift" -> drift = (int) Math.round(1_000 * Values.share(value));
      case "colluding" -> colluding = Values.share(value);
      case "check" -> check = check(value);
      case "faults" -> faults = Values.yes(value);
      case "formed" -> formed = Values.yes(value);
      case "heartbeat" -> fast = heartbeat(value);
      case "settle" -> settle = value.equals("no") ? 0 : positive(Values.micros(value));
      case "sizes" -> sizes = Values.whole(value, 1, 1_000_000);
      default ->
          throw new IllegalArgumentException(
              "there is no setting '" + setting + "'; docs/overlay.md lists all");
    }
    return this;
  }

  private static long positive(long micros) {
    if (micros <= 0) {
      throw new IllegalArgumentException("a time above 0 is needed");
    }
    return micros;
  }

  /** As {@link SendOptions} has it. */
  private static long deadline(long micros) {
    if (micros < 1_000 || micros > 600_000_000) {
      throw new IllegalArgumentException("a deadline lies between 1ms and 10m");
    }
    return micros;
  }

  private static OwnershipMode mode(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "strict" -> OwnershipMode.STRICT;
      case "available" -> OwnershipMode.AVAILABLE;
      default ->
          throw new IllegalArgumentException(
              "the mode is strict or available, not '" + value + "'");
    };
  }

  private static OwnerCheck check(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "none" -> OwnerCheck.NONE;
      case "nearest" -> OwnerCheck.NEAREST;
      case "granted" -> OwnerCheck.GRANTED;
      default ->
          throw new IllegalArgumentException(
              "the check is none, nearest or granted, not '" + value + "'");
    };
  }

  private static boolean heartbeat(String value) {
    return switch (value) {
      case "default" -> false;
      case "fast" -> true;
      default ->
          throw new IllegalArgumentException(
              "the heartbeat is default or fast, not '" + value + "'");
    };
  }

  /** {@code wan}, {@code lan}, or the mean time one way: 1/8 of it fixed, the rest exponential. */
  private void delay(String value) {
    NetworkConditions base = conditions;
    switch (value) {
      case "wan" -> conditions = like(NetworkConditions.WIDE_AREA, base);
      case "lan" -> conditions = like(NetworkConditions.LOCAL_AREA, base);
      default -> {
        long mean = positive(Values.micros(value));
        if (mean > 10_000_000) {
          throw new IllegalArgumentException("a delay is at most 10s, not '" + value + "'");
        }
        long fixed = Math.max(1, mean / 8);
        conditions = base.withLatency(fixed, 0).withTail(mean - fixed);
      }
    }
  }

  private static NetworkConditions like(NetworkConditions profile, NetworkConditions base) {
    return base.withLatency(profile.latency(), profile.jitter())
        .withTail(profile.tail())
        .withDialRounds(profile.dialRounds());
  }

  /**
   * Something happens once.
   *
   * @param when microseconds from the beginning
   * @param amount how many it happens to
   * @param lasting for how long, in microseconds; means nothing for what does not last
   * @throws IllegalArgumentException if there are too many incidents, or this one has no time to
   *     last
   */
  public ScenarioBuilder at(long when, Kind kind, Amount amount, long lasting) {
    if (incidents.size() >= MOST_INCIDENTS) {
      throw new IllegalArgumentException("a scenario has at most " + MOST_INCIDENTS + " incidents");
    }
    incidents.add(new Incident(when, kind, amount, kind.lasts() ? lasting : 0));
    return this;
  }

  /**
   * Something happens again and again until the end, wherever that will be.
   *
   * @param interval microseconds from one to the next, and from the beginning to the first
   * @param amount how many it happens to each time
   * @param lasting for how long, in microseconds; means nothing for what does not last
   * @throws IllegalArgumentException as at {@link #at}, or if the interval is not positive
   */
  public ScenarioBuilder every(long interval, Kind kind, Amount amount, long lasting) {
    Incident first = new Incident(positive(interval), kind, amount, kind.lasts() ? lasting : 0);
    if (repeated.size() >= MOST_INCIDENTS) {
      throw new IllegalArgumentException("a scenario has at most " + MOST_INCIDENTS + " incidents");
    }
    repeated.add(first);
    return this;
  }

  /** How long the scenario is so far, in microseconds. */
  public long length() {
    return length;
  }

  /** Whether those who die do so without a word, so far. */
  public boolean silent() {
    return silent;
  }

  /**
   * The scenario.
   *
   * @throws IllegalArgumentException if it has too many incidents
   */
  public Scenario build() {
    for (Incident each : repeated) {
      for (long when = each.at(); when < length; when += each.at()) {
        at(when, each.kind(), each.amount(), each.lasting());
      }
    }
    repeated.clear();
    incidents.sort(Comparator.comparingLong(Incident::at));
    int sending = senders > 0 ? senders : Math.max(1, sendsPerSecond);
    return new Scenario(
        name,
        peers,
        length,
        session,
        silent,
        conditions,
        mode,
        sendsPerSecond,
        Math.min(sending, peers),
        broadcasts,
        payload,
        deadline,
        repeatable,
        level,
        budget,
        drift,
        colluding,
        check,
        faults,
        formed,
        fast,
        settle,
        sizes,
        incidents);
  }
}
