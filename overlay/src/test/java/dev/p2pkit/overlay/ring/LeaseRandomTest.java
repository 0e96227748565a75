// No key has two servers, whatever happens, and every key has one when it is over.
package dev.p2pkit.overlay.ring;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseRandomTest {
  private static final int SEEDS_EACH = 5;
  private static final int SEEDS_EACH_LONG = 1_000;

  @ParameterizedTest
  @ValueSource(ints = {20_000, 30_000})
  void noKeyHasTwoServersWhateverHappens(int first) {
    play(first, SEEDS_EACH);
  }

  /**
   * Rings that did not unite because both took a dead peer for the one that speaks for them; and a
   * sleeper that took over by what it had known before, alone or while it was being admitted; two
   * that took each other for silent, as neither had listened while it admitted somebody.
   */
  @ParameterizedTest
  @ValueSource(longs = {250, 275, 5_118, 6_005, 6_131})
  void whatOnceWentWrongDoesNotAgain(long seed) {
    LeaseScenario.run(seed);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(ints = {100_000, 200_000, 300_000})
  void noKeyHasTwoServersInThousandsOfRuns(int first) {
    play(first, SEEDS_EACH_LONG);
  }

  private static void play(int first, int count) {
    for (int seed = first; seed < first + count; seed++) {
      LeaseScenario.run(seed);
    }
  }
}
