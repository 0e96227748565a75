// Which table is chosen: never one that costs too much, never back and forth.
package dev.p2pkit.overlay.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.ladder.Chooser.Budget;
import dev.p2pkit.overlay.ladder.Chooser.Sight;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChooserTest {
  private static final CostModel MODEL = new CostModel(2);
  private static final Budget DEFAULT = new Budget(4_096, 16 << 20);
  private static final long SECOND = 1_000_000;
  private static final long STEP = 10 * SECOND;

  private static Sight quiet(double peers) {
    return new Sight(peers, Double.POSITIVE_INFINITY, 0, 0);
  }

  /** The figures of the cost formula that were computed beforehand, in bytes a second. */
  @ParameterizedTest
  @CsvSource({
    "1000, 84, 946",
    "1000, 300, 313",
    "1000, 3600, 72",
    "10000, 84, 6464",
    "10000, 300, 1923",
    "10000, 3600, 299",
    "100000, 300, 16000",
    "100000, 3600, 1589",
    "1000000, 3600, 13700"
  })
  void everybodyCostsWhatTheFormulaSays(double peers, double session, double expected) {
    assertThat(MODEL.bytesPerSecond(Rungs.FULL, peers, session))
        .isBetween(expected * 0.75, expected * 1.25);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 10000, 84, 2522",
    "2, 10000, 300, 706",
    "2, 10000, 3600, 59",
    "2, 100000, 300, 2016",
    "2, 100000, 3600, 168",
    "2, 1000000, 300, 6075",
    "2, 1000000, 3600, 506",
    "3, 100000, 300, 796",
    "3, 1000000, 84, 5817",
    "3, 1000000, 3600, 136"
  })
  void anArcAndContactsCostWhatTheFormulaSays(
      int level, double peers, double session, double expected) {
    assertThat(MODEL.bytesPerSecond(MODEL.best(level, peers), peers, session))
        .isBetween(expected * 0.75, expected * 1.4);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 3600, 1",
    "10000, 3600, 1",
    "100000, 3600, 1",
    "1000000, 3600, 2",
    "10000, 84, 2",
    "100000, 300, 2",
    "1000000, 300, 3"
  })
  void theLevelIsTheSmallestThatFitsTheBudget(double peers, double session, int level) {
    Chooser chooser = new Chooser(MODEL, DEFAULT);
    assertThat(chooser.smallest(new Sight(peers, session, 0, 0), 0.8)).isEqualTo(level);
  }

  @Property
  void whatFitsNeverCostsMoreThanTheBudget(
      @ForAll @DoubleRange(min = 1, max = 5_000_000) double peers,
      @ForAll @DoubleRange(min = 60, max = 1_000_000) double session,
      @ForAll @IntRange(min = 256, max = 100_000) int bytes) {
    Chooser chooser = new Chooser(MODEL, new Budget(bytes, 16 << 20));
    int level = chooser.smallest(new Sight(peers, session, 0, 0), 0.8);
    Rungs best = MODEL.best(level, peers);
    if (level < Rungs.MOST_LEVELS) {
      assertThat(MODEL.bytesPerSecond(best, peers, session)).isLessThanOrEqualTo(0.8 * bytes);
      assertThat(MODEL.entries(best, peers) * 96).isLessThanOrEqualTo(16 << 20);
    }
    for (int smaller = 1; smaller < level; smaller++) {
      Rungs other = MODEL.best(smaller, peers);
      assertThat(
              MODEL.bytesPerSecond(other, peers, session) > 0.8 * bytes
                  || MODEL.entries(other, peers) * 96 > 16 << 20)
          .isTrue();
    }
  }

  @Property
  void anArcHoldsMoreThanTheListsOfTheRing(
      @ForAll @DoubleRange(min = 1, max = 5_000_000) double peers,
      @ForAll @IntRange(min = 1, max = 4) int level) {
    Rungs best = MODEL.best(level, peers);
    assertThat(CostModel.possible(best, peers)).isTrue();
    assertThat(best.level()).isIn(1, level);
    assertThat(MODEL.entries(best, peers)).isLessThanOrEqualTo(Math.max(peers, 700) * 1.5);
  }

  @Property
  void whatIsSeenWithinATenthChangesNothing(
      @ForAll @DoubleRange(min = 1_000, max = 1_000_000) double peers,
      @ForAll @DoubleRange(min = 0.9, max = 1.1) double error) {
    Chooser chooser = new Chooser(MODEL, DEFAULT);
    Rungs present = MODEL.best(chooser.smallest(quiet(peers), 0.8), peers);
    for (int i = 0; i < 100; i++) {
      Sight sight = quiet(i % 2 == 0 ? peers : peers * error);
      Rungs next = chooser.choose(i * STEP, present, sight);
      assertThat(next.level()).isLessThanOrEqualTo(present.level() + 1);
      if (chooser.smallest(quiet(peers * error), 0.8) == present.level()
          && chooser.smallest(quiet(peers * error), 0.5) >= present.level()
          && chooser.smallest(quiet(peers), 0.5) >= present.level()) {
        assertThat(next).isEqualTo(present);
      }
    }
  }

  @Test
  void measuredTrafficAboveTheBudgetNeedsHalfAMinuteToCount() {
    Chooser chooser = new Chooser(MODEL, DEFAULT);
    Sight over = new Sight(5_000, 36_000, 5_000, 200);
    Sight under = new Sight(5_000, 36_000, 4_000, 200);
    assertThat(chooser.choose(0, Rungs.FULL, over)).isEqualTo(Rungs.FULL);
    assertThat(chooser.choose(STEP, Rungs.FULL, over)).isEqualTo(Rungs.FULL);
    assertThat(chooser.choose(2 * STEP, Rungs.FULL, under)).isEqualTo(Rungs.FULL);
    for (int i = 3; i < 6; i++) {
      assertThat(chooser.choose(i * STEP, Rungs.FULL, over)).isEqualTo(Rungs.FULL);
    }
    assertThat(chooser.choose(6 * STEP, Rungs.FULL, over).level()).isEqualTo(2);
  }

  @Test
  void theWayBackNeedsFiveMinutesInWhichItWouldCostHalf() {
    Chooser chooser = new Chooser(MODEL, DEFAULT);
    Rungs two = MODEL.best(2, 5_000);
    Sight calm = new Sight(5_000, 36_000, 300, 200);
    Sight busy = new Sight(5_000, 150, 300, 200);
    int i = 0;
    for (; i < 29; i++) {
      assertThat(chooser.choose(i * STEP, two, calm)).isEqualTo(two);
    }
    assertThat(chooser.choose(i++ * STEP, two, busy)).isEqualTo(two);
    for (int from = i; i < from + 30; i++) {
      assertThat(chooser.choose(i * STEP, two, calm)).isEqualTo(two);
    }
    assertThat(chooser.choose(i * STEP, two, calm)).isEqualTo(Rungs.FULL);
  }

  @Test
  void anArcThatHasBecomeTooSparseIsWidenedAtOnce() {
    Chooser chooser = new Chooser(MODEL, DEFAULT);
    Rungs present = MODEL.best(2, 100_000);
    Sight small = new Sight(8_000, 200, 300, 200);
    assertThat(chooser.choose(0, present, small).arcBits()).isLessThan(present.arcBits());
  }
}
