// Scenarios made by chance, all different, each from its number.
package dev.p2pkit.overlay.simulator.scenario;

import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Scenarios made by chance: 3 to 60 peers, loss to 8 %, duplication, reordering, broken links,
 * pauses to 15 s, partitions, cut paths, mass kill, deaths with and without a word, clocks that are
 * wrong by up to 1 %, and in every fourth the fault sites of the code. Three in 32 have rings of
 * two or three, and one in 32 a ring of 61 to 300: as many as do not make ten thousand take hours.
 * Some have messages by {@code AVAILABLE}, or tables of 2 to 4 levels. {@link #wide} makes others:
 * larger, longer and with churn in each.
 */
public final class RandomScenarios {
  private static final long SECOND = 1_000_000;
  private static final int LENGTH = 40;

  /**
   * Where rings are as large as the lists of their peers, tables of several levels are pointless.
   */
  private static final int MANY_LEVELS_FROM = 40;

  private RandomScenarios() {}

  /** The scenario of a number. */
  public static Scenario of(long seed) {
    // Its choices come from a stream of their own: the others are as without it.
    SplittableRandom random = new SplittableRandom(seed ^ 0x2545F4914F6CDD1DL);
    int kind = random.nextInt(32);
    int small = 2 + random.nextInt(2);
    int large = 61 + random.nextInt(240);
    boolean available = random.nextInt(5) == 0;
    int level = random.nextInt(5) == 0 ? 2 + random.nextInt(3) : 0;
    OptionalInt size =
        kind < 3 ? OptionalInt.of(small) : kind == 3 ? OptionalInt.of(large) : OptionalInt.empty();
    return of(seed, size, available, level);
  }

  /** The same without what came later: 3 to 60 peers, owners by leases, tables as measured. */
  static Scenario simple(long seed) {
    return of(seed, OptionalInt.empty(), false, 0);
  }

  /**
   * A wider one: 100 to 400 peers, one to two minutes, peers that stay for half a minute to an hour
   * in each, and mass kill of 10 to 90 %. It takes some thirty times as long as the others.
   */
  public static Scenario wide(long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x632BE59BD9B4E019L);
    int peers = 100 + random.nextInt(301);
    int length = 60 + random.nextInt(61);
    // As many of a minute as of ten.
    double session = 30 * StrictMath.pow(120, random.nextDouble());
    ScenarioBuilder builder =
        new ScenarioBuilder()
            .name("wide random " + Long.toUnsignedString(seed))
            .set("peers", Integer.toString(peers))
            .set("seconds", Integer.toString(length))
            .set("session", Math.round(session) + "s")
            .set("silent", random.nextBoolean() ? "yes" : "no")
            .set("sends-per-second", "40")
            .set("broadcasts", "4")
            .set("codec", "0.01")
            .set("settle", "180s")
            .set("delay", random.nextInt(3) == 0 ? "lan" : random.nextInt(2) == 0 ? "wan" : "15ms")
            .set("mode", random.nextInt(5) == 0 ? "available" : "strict")
            .set("level", Integer.toString(random.nextInt(5) == 0 ? 2 + random.nextInt(3) : 0))
            .set("drift", random.nextBoolean() ? "1%" : "0")
            .set("faults", random.nextInt(4) == 0 ? "yes" : "no");
    network(builder, random);
    int faults = 2 + random.nextInt(10);
    for (int i = 0; i < faults; i++) {
      incident(builder, random, peers, length, 9);
    }
    return builder.build();
  }

  private static Scenario of(long seed, OptionalInt size, boolean available, int level) {
    // Another stream than that of the run, which begins from the same number.
    SplittableRandom random = new SplittableRandom(seed ^ 0x5DEECE66DL);
    ScenarioBuilder builder = new ScenarioBuilder().name("random " + Long.toUnsignedString(seed));
    int usual = random.nextInt(3) == 0 ? 3 + random.nextInt(4) : 3 + random.nextInt(58);
    int peers = size.orElse(usual);
    builder
        .set("peers", Integer.toString(peers))
        .set("seconds", Integer.toString(LENGTH))
        .set("sends-per-second", "20")
        .set("broadcasts", "2")
        .set("codec", "0.01")
        .set("settle", "180s")
        .set("delay", random.nextInt(3) == 0 ? "lan" : random.nextInt(2) == 0 ? "wan" : "15ms")
        .set("formed", random.nextInt(4) == 0 && peers <= 30 ? "no" : "yes")
        .set("mode", available ? "available" : "strict")
        .set("level", Integer.toString(peers < MANY_LEVELS_FROM ? 0 : level));
    network(builder, random);
    if (random.nextInt(3) == 0) {
      builder.set("session", (20 + random.nextInt(600)) + "s");
      builder.set("silent", random.nextBoolean() ? "yes" : "no");
    }
    if (random.nextBoolean()) {
      builder.set("drift", "1%");
    }
    if (random.nextInt(4) == 0) {
      builder.set("faults", "yes");
    }
    int faults = 2 + random.nextInt(10);
    for (int i = 0; i < faults; i++) {
      incident(builder, random, peers, LENGTH, 8);
    }
    return builder.build();
  }

  private static void network(ScenarioBuilder builder, SplittableRandom random) {
    String loss = random.nextInt(9) + "%";
    builder.set(random.nextInt(4) == 0 ? "vanish" : "loss", loss);
    if (random.nextInt(3) == 0) {
      builder.set("duplicate", "2%");
    }
    if (random.nextInt(3) == 0) {
      builder.set("reorder", "5%");
    }
    if (random.nextInt(3) == 0) {
      builder.set("break", "0.1%");
    }
  }

  private static void incident(
      ScenarioBuilder builder, SplittableRandom random, int peers, int length, int mostTenths) {
    long at = SECOND * (1 + random.nextInt(length - 5)) + random.nextInt(1_000_000);
    long lasting = SECOND * (1 + random.nextInt(15));
    Amount few = Amount.count(1 + random.nextInt(Math.max(1, peers / 8)));
    switch (random.nextInt(12)) {
      case 0 -> builder.at(at, Kind.KILL, few, 0);
      case 1 -> builder.at(at, Kind.SILENCE, few, 0);
      case 2 -> builder.at(at, Kind.LEAVE, few, 0);
      case 3, 4 -> builder.at(at, Kind.JOIN, few, 0);
      case 5 -> builder.at(at, Kind.RESTART, few, 0);
      case 6, 7 -> builder.at(at, Kind.PAUSE, few, lasting);
      case 8 ->
          builder.at(at, Kind.PARTITION, Amount.share(0.1 + random.nextInt(5) * 0.1), lasting);
      case 9 -> builder.at(at, Kind.CUT, few, lasting);
      case 10 -> builder.at(at, Kind.DEAFEN, few, lasting);
      default -> {
        Kind how = random.nextBoolean() ? Kind.KILL : Kind.SILENCE;
        builder.at(at, how, Amount.share(0.1 + random.nextInt(mostTenths) * 0.1), 0);
      }
    }
  }
}
