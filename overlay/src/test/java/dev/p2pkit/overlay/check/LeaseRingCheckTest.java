// What can happen to the leases of a few whole ring machines, up to a bound.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The promises of {@link LeaseRulesCheckTest} with everything around the lease rules: pointers,
 * tables, failure detection, joining and leaving. Once as small rings are, in the full mesh, and
 * once by the bare rules of the ring.
 */
class LeaseRingCheckTest {
  private static final long SECOND = 1_000_000;
  private static final long PEACE = 60 * SECOND;

  private static Report check(String what, Rules rules, Bounds bounds) {
    Report report = Search.explore(() -> new LeaseRingWorld(rules.slowest(SECOND / 2)), bounds);
    System.out.println("rings, " + what + ": " + report);
    assertThat(report.failure().orElse("")).as(what).isEmpty();
    return report;
  }

  /** More states than any of these searches has. */
  private static final int MOST = 500_000;

  private static final Long[] PAUSES = {2 * SECOND, 6 * SECOND, 20 * SECOND};

  private static Bounds deviations(int most, int states) {
    return new Bounds(60, most, states, PEACE);
  }

  /** All within the bounds has to be seen. */
  private static void checkAll(String what, Rules rules, Bounds bounds) {
    assertThat(check(what, rules, bounds).whole()).as(what + ": all within the bounds").isTrue();
  }

  @Test
  void smallRingsInTheFullMesh() {
    Bounds one = deviations(1, MOST);
    checkAll("mesh of two, one joins", Worlds.meshed(2, 1).crash(1).lose(1), one);
    checkAll("mesh of three", Worlds.meshed(3, 0).crash(1).lose(1).pause(1, 6 * SECOND), one);
    checkAll("mesh of three, one leaves", Worlds.meshed(3, 1).leave(1).crash(1), one);
    checkAll("mesh of three, silent", Worlds.meshed(3, 0).silence(1), deviations(2, MOST));
  }

  @Test
  void ringsByTheBareRules() {
    Bounds one = deviations(1, MOST);
    checkAll("bare ring of three", Worlds.bare(3, 0).crash(1).lose(1).pause(1, 6 * SECOND), one);
    checkAll("bare ring of four, silent death", Worlds.bare(4, 0).silence(1).lose(1), one);
    checkAll("bare ring of four, one leaves", Worlds.bare(4, 1).leave(1).crash(1), one);
  }

  @Test
  @Tag("long")
  void manyMoreRuns() {
    for (boolean mesh : new boolean[] {true, false}) {
      String what = mesh ? "mesh" : "bare ring";
      Rules three = mesh ? Worlds.meshed(3, 1) : Worlds.bare(3, 1);
      Rules four = mesh ? Worlds.meshed(4, 0) : Worlds.bare(4, 0);
      Bounds bounds = new Bounds(80, 3, 200_000, PEACE);
      Rules silent = mesh ? Worlds.meshed(3, 0) : Worlds.bare(3, 0);
      check(what + " of three, silent death", silent.silence(1).lose(1), deviations(2, 500_000));
      check(what + " of three", three.crash(1).lose(1).pause(1, PAUSES).leave(1), bounds);
      check(what + " of three, silent", three.silence(1).lose(1).pause(1, PAUSES), bounds);
      check(what + " of four", four.crash(1).lose(1).pause(1, PAUSES).restart(1), bounds);
    }
  }
}
