// All that can happen to the pointers of five peers, up to a bound.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lists of two, three members, two that join at any moment, one process that ends: without the full
 * mesh and without news of members at any moment at which the proof allows it, in the full mesh,
 * where lists are computed from the members, at any moment at all.
 */
class PointerCheckTest {
  private static Report check(Rules rules, boolean withBase, Bounds bounds) {
    return Search.explore(() -> new PointerWorld(rules, withBase), bounds);
  }

  private static void holds(String what, Report report) {
    System.out.println(what + ": " + report);
    assertThat(report.failure().orElse("")).isEmpty();
  }

  @Test
  void zavesInvariantHoldsInAllInterleavingsOfTheFirstSteps() {
    Report report =
        check(Worlds.bare(3, 2).quietly().crash(1), true, new Bounds(10, Bounds.ANY, 1_000_000, 0));
    holds("pointers, all interleavings", report);
    assertThat(report.whole()).isTrue();
  }

  @Test
  void zavesInvariantHoldsAndTheRingHealsWhateverGoesAnotherWay() {
    Report report =
        check(Worlds.bare(3, 2).quietly().crash(1), true, new Bounds(60, 1, 200_000, 60_000_000));
    holds("pointers, one deviation", report);
    assertThat(report.whole()).isTrue();
  }

  @Test
  void inTheFullMeshTheRingKeepsItsShapeWhoeverEndsAndHeals() {
    Rules mesh = Worlds.meshed(3, 2).crash(1);
    Report all = check(mesh, false, new Bounds(8, Bounds.ANY, 1_000_000, 0));
    holds("pointers in the full mesh, all interleavings", all);
    assertThat(all.whole()).isTrue();
    Report one = check(mesh, false, new Bounds(60, 1, 200_000, 60_000_000));
    holds("pointers in the full mesh, one deviation", one);
    assertThat(one.whole()).isTrue();
  }

  @Test
  void whereMoreEndThanTheProofAssumesTheSearchFindsWhatBreaks() {
    Report report =
        check(Worlds.bare(3, 1).quietly().crash(2), false, new Bounds(8, 3, 100_000, 0));
    assertThat(report.failure().orElse(""))
        .contains("has no live successor")
        .contains("ends, its host lives");
  }

  @Test
  @Tag("long")
  void zavesInvariantHoldsAndTheRingHealsWhateverTwoThingsGoAnotherWay() {
    Bounds bounds = new Bounds(60, 2, 2_000_000, 60_000_000);
    holds("pointers, two deviations", check(Worlds.bare(3, 2).quietly().crash(1), true, bounds));
  }

  @Test
  @Tag("long")
  void inTheFullMeshTheRingKeepsItsShapeInAllInterleavingsOfMoreSteps() {
    Report report =
        check(Worlds.meshed(3, 2).crash(1), false, new Bounds(10, Bounds.ANY, 3_000_000, 0));
    holds("pointers in the full mesh, all interleavings", report);
    assertThat(report.whole()).isTrue();
  }

  @Test
  @Tag("long")
  void zavesInvariantHoldsInAllInterleavingsOfMoreSteps() {
    Report report =
        check(Worlds.bare(3, 2).quietly().crash(1), true, new Bounds(12, Bounds.ANY, 3_000_000, 0));
    holds("pointers, all interleavings", report);
    assertThat(report.whole()).isTrue();
  }
}
