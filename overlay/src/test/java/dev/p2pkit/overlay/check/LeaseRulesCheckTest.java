// All that can happen to the leases of a few peers, up to a bound.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import dev.p2pkit.overlay.ring.RingConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two promises, for every run within the bounds: no key ever has two servers among peers that are
 * connected, and when nothing goes wrong any more, all keys are served again.
 */
class LeaseRulesCheckTest {
  private static final long SECOND = 1_000_000;

  /** Within which all keys must be served again. */
  private static final long PEACE = 90 * SECOND;

  /** More states than any of these searches has. */
  private static final int MOST = 1_000_000;

  private static final Long[] PAUSES = {2 * SECOND, 5 * SECOND, 9 * SECOND, 30 * SECOND};

  private static Rules ring(int peers) {
    return Rules.of(RingConfig.DEFAULT, peers, 0);
  }

  private static Report check(String what, Rules rules, Bounds bounds) {
    Report report = Search.explore(() -> new LeaseRulesWorld(rules), bounds);
    System.out.println("leases, " + what + ": " + report);
    assertThat(report.failure().orElse("")).as(what).isEmpty();
    return report;
  }

  /** All within the bounds has to be seen. */
  private static void checkAll(String what, Rules rules, Bounds bounds) {
    assertThat(check(what, rules, bounds).whole()).as(what + ": all within the bounds").isTrue();
  }

  private static Bounds deviations(int most, int states) {
    return new Bounds(60, most, states, PEACE);
  }

  @Test
  void aRingOfTwoHealsWhenOneEnds() {
    checkAll("two, one ends", ring(2).crash(1).lose(1), deviations(3, MOST));
    checkAll("two, one ends silently", ring(2).silence(1).lose(1), deviations(2, MOST));
  }

  @Test
  void eachSideOfARingThatIsCutServesAlone() {
    checkAll("two, cut", ring(2).cut(1).lose(1), deviations(2, MOST));
    checkAll("three, cut", ring(3).cut(1), deviations(2, MOST));
  }

  @Test
  void aRingOfThreeHealsWhenOneEnds() {
    checkAll("three, one ends", ring(3).crash(1), deviations(2, MOST));
    checkAll("three, one ends silently", ring(3).silence(1), deviations(2, MOST));
  }

  @Test
  void aPeerThatSleepsServesNothingThatOthersHaveTakenOver() {
    checkAll("three, a pause", ring(3).pause(1, 9 * SECOND), deviations(2, MOST));
    checkAll("three, a pause, one ends", ring(3).pause(1, PAUSES).crash(1), deviations(1, MOST));
    checkAll(
        "three, a pause, clocks apart",
        ring(3).pause(1, 9 * SECOND).crash(1).clocks(10, 0, 10),
        deviations(1, MOST));
  }

  @Test
  void aRingOfFourHealsWhenOneEndsAndOneSleeps() {
    checkAll("four", ring(4).crash(1).pause(1, 5 * SECOND), deviations(1, MOST));
  }

  @Test
  void aRingGrowsFromOne() {
    checkAll("one, two join", ring(3).late(1, 2).lose(1).doubling(1), deviations(2, MOST));
    checkAll("two, one joins", ring(3).late(1).crash(1).lose(1), deviations(2, MOST));
  }

  @Test
  void aClosedPathBetweenTwoOfThreeGivesNobodyASecondServer() {
    checkAll("three, a closed path", ring(3).closePath(1).crash(1), new Bounds(60, 2, MOST, 0));
  }

  @Test
  void inAllInterleavingsOfTheFirstSteps() {
    checkAll(
        "three, all interleavings",
        ring(3).crash(1).pause(1, 5 * SECOND).lose(1),
        new Bounds(9, Bounds.ANY, MOST, 0));
    checkAll(
        "four, all interleavings",
        ring(4).crash(1).pause(1, 5 * SECOND),
        new Bounds(7, Bounds.ANY, MOST, 0));
  }

  @Test
  @Tag("long")
  void inManyMoreRuns() {
    check("three, one ends", ring(3).crash(1), deviations(3, 2_000_000));
    check("three, one ends silently", ring(3).silence(1), deviations(3, 2_000_000));
    check("three, pauses", ring(3).pause(3, PAUSES).crash(1), deviations(2, 4_000_000));
    check("two", ring(2).crash(1).lose(2).pause(2, PAUSES).clocks(10, 0), deviations(5, 1_000_000));
    check("three", ring(3).crash(1).lose(1).pause(2, PAUSES), deviations(4, 3_000_000));
    check("four", ring(4).crash(1).lose(1).pause(1, PAUSES), deviations(3, 3_000_000));
  }
}
