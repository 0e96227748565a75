// The search itself: what it must find, and how many states it must see.
package dev.p2pkit.overlay.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.check.Search.Bounds;
import dev.p2pkit.overlay.check.Search.Report;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SearchTest {
  private static final long SECOND = 1_000_000;

  /** Two counters that go up by choice as far as a limit, or one that goes round. */
  private static final class Counters implements World {
    private static final int FIRST = 0;
    private static final int SECOND_COUNTER = 1;

    private final int limit;
    private final int round;
    private final int forbidden;
    private int first;
    private int second;
    private long steps;

    /**
     * @param limit how far the counters go
     * @param round to how many the first returns when it has reached its limit; -1: it stays
     * @param forbidden a sum that breaks the promise
     */
    Counters(int limit, int round, int forbidden) {
      this.limit = limit;
      this.round = round;
      this.forbidden = forbidden;
    }

    @Override
    public int choices(int[] into) {
      int count = 0;
      if (first < limit || round >= 0) {
        into[count++] = FIRST;
      }
      if (second < limit) {
        into[count++] = SECOND_COUNTER;
      }
      return count;
    }

    @Override
    public boolean enabled(int choice) {
      return choice == FIRST ? first < limit || round >= 0 : second < limit;
    }

    @Override
    public void take(int choice) {
      steps++;
      if (choice == SECOND_COUNTER) {
        second++;
      } else {
        first = first < limit ? first + 1 : round;
      }
    }

    @Override
    public long digest() {
      return first * 1_000L + second + 1;
    }

    @Override
    public Optional<String> broken() {
      return first + second == forbidden ? Optional.of("forbidden sum") : Optional.empty();
    }

    @Override
    public boolean calm() {
      return second == 0;
    }

    @Override
    public String missing() {
      return "the second counter is up";
    }

    @Override
    public long now() {
      return steps * SECOND;
    }

    @Override
    public String describe(int choice) {
      return choice == FIRST ? "first" : "second";
    }

    @Override
    public String picture() {
      return first + ", " + second;
    }
  }

  private static Report explore(int limit, int round, int forbidden, Bounds bounds) {
    return Search.explore(() -> new Counters(limit, round, forbidden), bounds);
  }

  @Test
  void allInterleavingsAreSeen() {
    Report report = explore(5, -1, 99, new Bounds(20, Bounds.ANY, 1_000, 0));
    assertThat(report.whole()).isTrue();
    assertThat(report.states()).isEqualTo(36);
  }

  @Test
  void statesOutOfTheReachOfTheDeviationsAreNotSeen() {
    Report report = explore(5, -1, 99, new Bounds(20, 1, 1_000, 0));
    assertThat(report.whole()).isTrue();
    // Six without a deviation, five at the end of the first counter, where the second is all that
    // is left, and five before it.
    assertThat(report.states()).isEqualTo(6 + 5 + 5);
  }

  @Test
  void aBrokenPromiseIsToldByTheFewestSteps() {
    Report report = explore(5, -1, 7, new Bounds(20, Bounds.ANY, 1_000, 0));
    assertThat(report.failure().orElse("")).startsWith("after 7 steps forbidden sum");
  }

  @Test
  void aRunThatGoesRoundWithoutBeingWellIsFoundWithinTheDepthAndBeyond() {
    for (int depth : new int[] {2, 60}) {
      Report report = explore(5, 2, 99, new Bounds(depth, 1, 1_000, 3_600 * SECOND));
      assertThat(report.failure().orElse(""))
          .as("depth " + depth)
          .contains("the second counter is up");
    }
  }

  @Test
  void aRunThatGoesRoundAndIsWellIsNoFailure() {
    Report report = explore(5, 2, 99, new Bounds(60, 0, 1_000, 3_600 * SECOND));
    assertThat(report.failure()).isEmpty();
    assertThat(report.whole()).isTrue();
  }
}
