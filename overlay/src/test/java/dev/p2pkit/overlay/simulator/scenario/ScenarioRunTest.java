// Whole networks: a run repeats itself, measures what it says, and fails when a promise is broken.
package dev.p2pkit.overlay.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import dev.p2pkit.sdk.OwnershipMode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioRunTest {
  private static ScenarioBuilder small() {
    return new ScenarioBuilder()
        .set("peers", "20")
        .set("seconds", "20")
        .set("loss", "2%")
        .set("session", "60s")
        .set("sends-per-second", "40");
  }

  /** All are as far from each other. */
  private static ScenarioBuilder fortyMillisApart(int peers, int seconds) {
    return new ScenarioBuilder()
        .set("peers", Integer.toString(peers))
        .set("seconds", Integer.toString(seconds))
        .set("fixed-delay", "40ms");
  }

  private static Report keepsAllPromises(ScenarioBuilder scenario) {
    return keepsAllPromises(scenario.build(), 1);
  }

  @Test
  void aRunRepeatsItselfFromItsSeed() {
    Report one = ScenarioRun.play(small().build(), 7, RunOptions.PLAIN);
    Report again = ScenarioRun.play(small().build(), 7, RunOptions.PLAIN);
    Report other = ScenarioRun.play(small().build(), 8, RunOptions.PLAIN);
    assertThat(one.traceHash()).isEqualTo(again.traceHash()).isNotEqualTo(other.traceHash());
    assertThat(one.figure("delivered")).isEqualTo(again.figure("delivered")).isPositive();
  }

  @Test
  void messagesFareTheSameWhetherTheyGoThroughTheirCodecOrNot() {
    Scenario without = small().set("codec", "0").build();
    Scenario with = small().set("codec", "1").build();
    Report one = ScenarioRun.play(without, 3, RunOptions.PLAIN);
    Report other = ScenarioRun.play(with, 3, RunOptions.PLAIN);
    assertThat(other.figure("falseOutcomes")).isZero();
    assertThat(other.figure("sends")).isEqualTo(one.figure("sends"));
    assertThat(other.figure("delivered")).isGreaterThan(0.99 * one.figure("delivered"));
  }

  @Test
  void aQuietRingKeepsAllPromises() {
    Report report = keepsAllPromises(fortyMillisApart(50, 20));
    assertThat(report.figure("within2s")).isEqualTo(1);
    assertThat(report.figure("hopsMean")).isEqualTo(1);
    assertThat(report.figure("broadcastCoverage")).isEqualTo(1);
    assertThat(report.figure("ownerOverlaps")).isZero();
    assertThat(report.figure("bytesPerPeerPerSecond")).isBetween(50.0, 500.0);
    assertThat(report.seconds()).hasSize(20);
    assertThat(report.seconds()).allSatisfy(second -> assertThat(second.served()).isEqualTo(1));
  }

  private static double looksPerSecond(int peers) {
    Scenario scenario =
        new ScenarioBuilder()
            .set("peers", Integer.toString(peers))
            .set("seconds", "5")
            .set("sends-per-second", "0")
            .set("settle", "no")
            .build();
    Report report = ScenarioRun.play(scenario, 1, RunOptions.PLAIN);
    return report.figure("shapeLooks") / report.figure("seconds");
  }

  @Test
  void theRingIsLookedAtAsAWholeTenTimesASecondWhereThatIsCheap() {
    assertThat(looksPerSecond(64)).isBetween(9.9, 10.2);
    assertThat(looksPerSecond(65)).isBetween(0.9, 1.2);
  }

  @Test
  void theArcOfAPeerThatLeavesIsServedAgainAfterThreeDelays() {
    Report report =
        keepsAllPromises(
            fortyMillisApart(20, 12)
                .at(3_000_000, Kind.LEAVE, Amount.count(1), 0)
                .at(9_000_000, Kind.LEAVE, Amount.count(1), 0));
    assertThat(report.figure("leaves")).isEqualTo(2);
    // To the successor, and to its own grantor and back before it serves what has grown.
    assertThat(report.figure("leaveMaxMillis")).isBetween(80.0, 120.0);
  }

  @Test
  void whatMayBeRepeatedDoesNotWaitForTheLinkToAHostThatHasDied() {
    Report report =
        keepsAllPromises(
            fortyMillisApart(20, 30)
                .set("repeatable", "yes")
                .at(10_000_000, Kind.SILENCE, Amount.count(1), 0));
    assertThat(report.figure("within10s")).isEqualTo(1);
    // Found dead after 5 s, while the link closes after 15 s.
    assertThat(report.figure("latencyP999Millis")).isBetween(1_000.0, 7_000.0);
  }

  @Test
  void widerRandomScenariosAreAsWideAsTheySay() {
    List<Scenario> wide = LongStream.range(0, 300).mapToObj(RandomScenarios::wide).toList();
    assertThat(wide)
        .allSatisfy(
            each -> {
              assertThat(each.peers()).isBetween(100, 400);
              assertThat(each.length()).isBetween(60_000_000L, 120_000_000L);
              assertThat(each.session()).isBetween(30_000_000L, 3_600_000_000L);
            });
    assertThat(wide).anyMatch(each -> each.peers() > 380).anyMatch(each -> each.peers() < 120);
    assertThat(wide).anyMatch(each -> each.session() > 3_000_000_000L);
    assertThat(wide).anyMatch(each -> each.session() < 40_000_000L);
  }

  @Test
  void aDialCostsThreeRoundTripsAndARelayOneMoreHop() {
    Report report = keepsAllPromises(fortyMillisApart(60, 10).set("senders", "50"));
    assertThat(report.figure("dialsPerSend")).isPositive();
    assertThat(report.figure("hopsColdMean")).isGreaterThan(1);
    // There and back.
    assertThat(report.figure("latencyP50Millis")).isGreaterThanOrEqualTo(80);
  }

  @Test
  void theArcOfACrashedProcessIsServedAgainSoonAndThatIsMeasured() {
    Report report =
        keepsAllPromises(fortyMillisApart(30, 20).every(4_000_000, Kind.KILL, Amount.count(1), 0));
    assertThat(report.figure("crashes")).isEqualTo(4);
    assertThat(report.figure("takeOverMaxMillis")).isBetween(80.0, 2_000.0);
  }

  @Test
  void aRunThatDoesNotBecomeWholeFailsAndIsToldFromItsSeed() {
    // Nobody can be whole at once after half of the peers have died without a word.
    Scenario hopeless =
        new ScenarioBuilder()
            .set("peers", "30")
            .set("seconds", "10")
            .set("settle", "1ms")
            .at(9_900_000, Kind.SILENCE, Amount.share(0.5), 0)
            .build();
    Report report = ScenarioRun.play(hopeless, 5, RunOptions.PLAIN);
    assertThat(report.kept()).isFalse();
    assertThat(report.failures().get(0)).contains("not whole");
    assertThat(ScenarioRun.explain(report, 20_000).lines())
        .hasSizeBetween(100, 20_001)
        .anySatisfy(line -> assertThat(line).contains("dies with its host"))
        .anySatisfy(line -> assertThat(line).contains(" -> "));
  }

  @Test
  void aRunThatCrashesNamesItsSeedWhoeverHasCrashed() {
    RunOptions crashing =
        RunOptions.PLAIN.withProgress(
            (share, what) -> {
              if (share > 0.1) {
                throw new IllegalArgumentException("no such chart");
              }
            });
    Report report = ScenarioRun.play(small().build(), 77, crashing);
    assertThat(report.failures()).hasSize(1);
    assertThat(report.failures().get(0)).contains("seed 77, ").contains("no such chart");
    assertThat(report.seed()).isEqualTo(77);
    Goal goal = Goals.all().get(0);
    GoalRow row = goal.row(report);
    assertThat(row.met()).isFalse();
    assertThat(row.measured()).contains("broken with seed 77: the run has crashed");
  }

  @Test
  void aRunWithoutAReportNamesItsSeedToo() {
    RunOptions full =
        RunOptions.PLAIN.withProgress(
            (share, what) -> {
              throw new OutOfMemoryError("as if");
            });
    assertThatIllegalStateException()
        .isThrownBy(() -> ScenarioRun.play(small().build(), 78, full))
        .withMessageContaining("seed 78 of the scenario 'custom'")
        .withMessageContaining("as if");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                RandomRuns.play(
                    number -> {
                      throw new IllegalArgumentException("none of number " + number);
                    },
                    79,
                    1,
                    1,
                    over -> {}))
        .withMessageContaining("seed 79 of the scenario 'random'")
        .withMessageContaining("none of number 79");
  }

  @Test
  void whatTwoMayServeForAMomentByAvailableIsCountedApartFromLeases() {
    Scenario sleepy =
        new ScenarioBuilder()
            .set("peers", "30")
            .set("seconds", "30")
            .set("mode", "available")
            .set("delay", "lan")
            .every(2_000_000, Kind.PAUSE, Amount.count(6), 7_000_000)
            .build();
    Report report = ScenarioRun.play(sleepy, 5, RunOptions.PLAIN);
    assertThat(report.figure("ownerOverlapsAvailable")).isPositive();
    assertThat(report.figure("ownerOverlaps")).isZero();
    assertThat(report.failures()).isEmpty();
  }

  @Test
  void mischiefIsTheSameForTheSameSeed() {
    Scenario wild = small().set("faults", "yes").set("settle", "no").build();
    long hash = ScenarioRun.play(wild, 11, RunOptions.PLAIN).traceHash();
    assertThat(ScenarioRun.play(wild, 11, RunOptions.PLAIN).traceHash()).isEqualTo(hash);
  }

  @Test
  void inRandomScenariosNoPromiseIsBroken() throws Exception {
    RandomRuns.Sum sum = RandomRuns.play(1, 40, 2, over -> {});
    assertThat(sum.failed()).as("broken in %s", sum.examples()).isZero();
    assertThat(sum.overlaps()).as("overlaps in %s", sum.examples()).isZero();
    assertThat(sum.falseOutcomes()).isZero();
    assertThat(sum.sends()).isPositive();
  }

  /** It was cut off or asleep during that one, and got the second. */
  @ParameterizedTest
  @ValueSource(longs = {12, 103, 171, 382, 383})
  void whoWasApartForSecondsGetsTheFirstBroadcastOfAnOriginToo(long seed) {
    keepsAllPromises(seed);
  }

  /** The last one in a ring that has died bit by bit, and one that comes back or comes anew. */
  @ParameterizedTest
  @ValueSource(longs = {7, 49, 266})
  void whoIsLeftAloneWithDeadPeersLetsOthersIn(long seed) {
    keepsAllPromises(seed);
  }

  /** The origin dies after its only delegates. */
  @Test
  void aBroadcastThatDiedWithItsOriginIsNoBrokenPromise() {
    keepsAllPromises(337);
  }

  private static void keepsAllPromises(long seed) {
    keepsAllPromises(RandomScenarios.simple(seed), seed);
  }

  private static Report keepsAllPromises(Scenario scenario, long seed) {
    Report report = ScenarioRun.play(scenario, seed, RunOptions.PLAIN.withTrace(false));
    assertThat(report.failures()).isEmpty();
    return report;
  }

  /**
   * One dead peer stayed in a table, newcomers were sent in a circle, arcs lost their epoch, a
   * broadcast from before a restart was never delivered, and a peer that passed on for others spent
   * more than its budget.
   */
  @ParameterizedTest
  @ValueSource(longs = {2_048, 3_078, 3_276, 4_667, 6_630, 7_616, 144})
  void whatOneOfTenThousandRunsHasBrokenStaysMended(long seed) {
    keepsAllPromises(seed);
  }

  /**
   * Rings of more than two hundred with tables of several levels: the one peer that was left of all
   * let nobody in, and one dead peer stayed in a table.
   */
  @ParameterizedTest
  @ValueSource(longs = {3_259, 821_593, 3_013})
  void whatOneOfTheLargerRingsHasBrokenStaysMended(long seed) {
    keepsAllPromises(RandomScenarios.of(seed), seed);
  }

  /**
   * Most of a ring died without a word, and some who were left sent more than their budget in some
   * half minute: questions about suspects, or what two rings tell each other and heartbeats then.
   */
  @ParameterizedTest
  @ValueSource(longs = {1_656, 7_300, 8_317, 9_896})
  void whoIsLeftOfMostStaysWithinTheBudget(long seed) {
    keepsAllPromises(RandomScenarios.of(seed), seed);
  }

  /** Two rings met, and a grantor knew less than it had said before. */
  @ParameterizedTest
  @ValueSource(longs = {2_881, 7_371})
  void anEpochThatIsServedDoesNotFallWhenRingsMeet(long seed) {
    keepsAllPromises(RandomScenarios.of(seed), seed);
  }

  @Test
  void randomScenariosHaveAllSizesModesAndLevelsAndMostAreOfTheSimpleKind() {
    List<Scenario> all = LongStream.range(0, 2_000).mapToObj(RandomScenarios::of).toList();
    assertThat(all).extracting(Scenario::peers).contains(2, 3, 60).anyMatch(peers -> peers > 250);
    assertThat(all).extracting(Scenario::level).contains(0, 2, 3, 4);
    assertThat(all).extracting(Scenario::mode).contains(OwnershipMode.values());
    long simple =
        IntStream.range(0, all.size())
            .filter(seed -> all.get(seed).equals(RandomScenarios.simple(seed)))
            .count();
    assertThat(simple).isBetween(1_000L, 1_700L);
    long large = all.stream().filter(scenario -> scenario.peers() > 60).count();
    assertThat(large).as("one in 32").isBetween(40L, 90L);
    assertThat(all.stream().filter(scenario -> scenario.peers() < 4).count()).isGreaterThan(130L);
  }

  @Tag("long")
  @Test
  void inManyRandomScenariosNoKeyHasTwoOwnersAndNoOutcomeIsFalse() throws Exception {
    RandomRuns.Sum sum = RandomRuns.play(1_000, 1_000, 2, over -> {});
    assertThat(sum.overlaps()).as("overlaps in %s", sum.examples()).isZero();
    assertThat(sum.falseOutcomes()).isZero();
  }

  /** Runs in which epochs fell, keys were left to nobody, or one dead peer kept newcomers out. */
  @ParameterizedTest
  @Tag("long")
  @ValueSource(longs = {222, 261, 1_012, 1_035, 20_480, 20_661, 100_090, 100_553, 101_411, 140_194})
  void randomRunsThatHaveFailedOnceKeepEveryPromise(long seed) {
    keepsAllPromises(seed);
  }

  /** The origin of both was of another ring still when its second broadcast came. */
  @Test
  void whoGetsABroadcastOfAnotherRingGetsThoseBeforeItToo() {
    keepsAllPromises(RandomScenarios.of(6_437), 6_437);
  }

  /** From 12 to 26 within two seconds, by newcomers whose lists were older than their arcs. */
  @Test
  void aRingThatGrowsFastBeyondItsListsKeepsItsShape() {
    keepsAllPromises(RandomScenarios.of(6_665), 6_665);
  }

  /** Two peers took the death of a process back in turns that had started again before it died. */
  @ParameterizedTest
  @Tag("long")
  @ValueSource(longs = {1_033, 5_332, 7_131, 8_402})
  void aDeadPeerThatTwoTablesKnowByDifferentProcessesStaysInNone(long seed) {
    keepsAllPromises(RandomScenarios.of(seed), seed);
  }

  /** A ring of 181: a relay passed a message on to the next process of its owner. */
  @Test
  @Tag("long")
  void anArcWhoseOwnerHasStartedAgainIsServedInAWholeRing() {
    keepsAllPromises(RandomScenarios.of(2_307), 2_307);
  }

  /** A ring of 172: what a message was accepted by was forgotten when its arc went on. */
  @Test
  @Tag("long")
  void aMessageThatTheNextHolderOfItsArcGetsAgainIsNotProcessedTwice() {
    keepsAllPromises(RandomScenarios.of(7_345), 7_345);
  }
}
