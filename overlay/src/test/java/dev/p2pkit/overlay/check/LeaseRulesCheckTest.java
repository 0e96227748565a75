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

  private static Bounds deviations(int most, int states) {
    return new Bounds(60, most, states, PEACE);
  }

  @Test
  void aRingOfTwoHealsWhenOneEnds() {
    Report report = check("two, one ends", ring(2).crash(1).lose(1), deviations(3, 300_000));
    assertThat(report.whole()).isTrue();
    check("two, one ends silently", ring(2).silence(1).lose(1), deviations(3, 20_000));
  }

  @Test
  void eachSideOfARingThatIsCutServesAlone() {
    Report two = check("two, cut", ring(2).cut(1).lose(1), deviations(2, 300_000));
    assertThat(two.whole()).isTrue();
    check("three, cut", ring(3).cut(1).lose(1), deviations(2, 20_000));
  }

  @Test
  void aRingOfThreeHealsWhenOneEnds() {
    check("three, one ends", ring(3).crash(1), deviations(3, 40_000));
    check("three, one ends silently", ring(3).silence(1), deviations(3, 20_000));
  }

  @Test
  void aPeerThatSleepsServesNothingThatOthersHaveTakenOver() {
    check("three, pauses", ring(3).pause(3, PAUSES).crash(1), deviations(3, 40_000));
    check(
        "three, pauses, clocks apart",
        ring(3).pause(2, PAUSES).crash(1).clocks(10, 0, 10),
        deviations(2, 20_000));
  }

  @Test
  void aRingGrowsFromOne() {
    check("one, two join", ring(3).late(1, 2).lose(1).doubling(1), deviations(3, 30_000));
    check("two, one joins", ring(3).late(1).crash(1).lose(1), deviations(3, 30_000));
  }

  @Test
  void aClosedPathBetweenTwoOfThreeGivesNobodyASecondServer() {
    check("three, a closed path", ring(3).closePath(1).crash(1), new Bounds(60, 3, 30_000, 0));
  }

  @Test
  void inAllInterleavingsOfTheFirstSteps() {
    Report report =
        check(
            "three, all interleavings",
            ring(3).crash(1).pause(1, 5 * SECOND).lose(1),
            new Bounds(9, Bounds.ANY, 400_000, 0));
    assertThat(report.whole()).isTrue();
  }

  @Test
  @Tag("long")
  void inManyMoreRuns() {
    check("two", ring(2).crash(1).lose(2).pause(2, PAUSES).clocks(10, 0), deviations(5, 1_000_000));
    check("three", ring(3).crash(1).lose(1).pause(2, PAUSES), deviations(4, 3_000_000));
    check("four", ring(4).crash(1).lose(1).pause(1, PAUSES), deviations(3, 3_000_000));
  }
}
