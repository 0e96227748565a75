// All that can happen to the pointers of five peers, up to a bound.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lists of two, three members, two that join at any moment, one process that ends: without the full
 * mesh and without news of members at any moment at which the proof allows it, in the full mesh,
 * where lists are computed from the members, at any moment at all. One process stops for a while:
 * in the full mesh also for so long that it is found dead meanwhile; by the bare rules, whose proof
 * wants nobody to be taken for dead who lives, for less.
 */
class PointerCheckTest {
  private static final long SECOND = 1_000_000;

  /** Less than a death takes to be found. */
  private static final Long SHORT = 2 * SECOND;

  private static final Long[] PAUSES = {SHORT, 6 * SECOND, 20 * SECOND};

  private static Report check(Rules rules, boolean withBase, Bounds bounds) {
    return Search.explore(() -> new PointerWorld(rules, withBase), bounds);
  }

  private static void holds(String what, Report report) {
    System.out.println(what + ": " + report);
    assertThat(report.failure().orElse("")).isEmpty();
  }

  /** A search, and how its line begins. */
  private record Task(String what, Rules rules, boolean withBase, Bounds bounds) {}

  /**
   * Searches side by side on all processors, each in worlds of its own; all within their bounds has
   * to be seen.
   */
  private static void hold(Task... tasks) throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<Report>> reports = new ArrayList<>();
      for (Task task : tasks) {
        reports.add(pool.submit(() -> check(task.rules(), task.withBase(), task.bounds())));
      }
      for (int i = 0; i < tasks.length; i++) {
        Report report = reports.get(i).get();
        holds(tasks[i].what(), report);
        assertThat(report.whole()).as(tasks[i].what()).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static Bounds all(int steps) {
    return new Bounds(steps, Bounds.ANY, 1_000_000, 0);
  }

  private static Bounds oneDeviation() {
    return new Bounds(60, 1, 500_000, 60 * SECOND);
  }

  @Test
  void theRingKeepsItsShapeInAllInterleavingsOfTheFirstSteps() throws Exception {
    Rules bare = Worlds.bare(3, 2).quietly().crash(1);
    Rules mesh = Worlds.meshed(3, 2).crash(1);
    hold(
        new Task("pointers, all interleavings", bare, true, all(10)),
        new Task("pointers in the full mesh, all interleavings", mesh, false, all(8)),
        new Task("pointers, one sleeps, all", bare.pause(1, SHORT), true, all(7)),
        new Task(
            "pointers in the full mesh, one sleeps, all", mesh.pause(1, SHORT), false, all(6)));
  }

  @Test
  void theRingKeepsItsShapeAndHealsWhateverGoesAnotherWay() throws Exception {
    Rules bare = Worlds.bare(3, 2).quietly().crash(1).pause(1, SHORT);
    Rules mesh = Worlds.meshed(3, 2).crash(1).pause(1, PAUSES);
    hold(
        new Task("pointers in the full mesh, one deviation", mesh, false, oneDeviation()),
        new Task("pointers, one deviation", bare, true, oneDeviation()));
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
  void whereOneSleepsTheSameHoldsInAllInterleavingsOfMoreSteps() {
    Rules bare = Worlds.bare(3, 2).quietly().crash(1).pause(1, SHORT);
    Report report = check(bare, true, new Bounds(9, Bounds.ANY, 1_000_000, 0));
    holds("pointers, one sleeps, all interleavings", report);
    assertThat(report.whole()).isTrue();
    Rules mesh = Worlds.meshed(3, 2).crash(1).pause(1, PAUSES);
    Report meshed = check(mesh, false, new Bounds(8, Bounds.ANY, 3_000_000, 0));
    holds("pointers in the full mesh, one sleeps, all interleavings", meshed);
    assertThat(meshed.whole()).isTrue();
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
