// Pauses after crashes, the window in which crashes count, and trials; in virtual time.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SupervisionTest {
  private static final RandomGenerator NO_JITTER = () -> 0;
  private static final Duration JUST = Duration.ofNanos(1);

  /** A clock that is about to pass the largest long, as the JVM's may. */
  private long now = Long.MAX_VALUE - Duration.ofSeconds(90).toNanos();

  private final Supervision exact = supervision(NO_JITTER);

  private Supervision supervision(RandomGenerator random) {
    return new Supervision(RuntimeConfig.DEFAULT.restarts(), () -> now, random);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  /** What each of so many crashes is followed by; they are too far apart to stop the processor. */
  private List<Duration> pauses(Supervision supervision, int crashes) {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < crashes; i++) {
      pauses.add(supervision.crashed().orElseThrow());
      pass(Duration.ofSeconds(16));
    }
    return pauses;
  }

  @Test
  void pausesDoubleFromATenthOfASecondUpToHalfAMinute() {
    assertThat(pauses(exact, 12).stream().map(Duration::toMillis))
        .containsExactly(
            100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L, 30_000L, 30_000L,
            30_000L);
  }

  @Test
  void upToAQuarterOfAPauseIsLeftOutAndNeverAnythingAdded() {
    List<Duration> nominal = pauses(exact, 12);
    HashSet<Duration> longest = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      List<Duration> drawn = pauses(supervision(new SplittableRandom(seed)), 12);
      for (int i = 0; i < nominal.size(); i++) {
        assertThat(drawn.get(i))
            .as("seed %s, pause %s", seed, i)
            .isBetween(nominal.get(i).multipliedBy(3).dividedBy(4), nominal.get(i));
      }
      longest.add(drawn.get(11));
    }
    assertThat(longest).as("pauses of peers that crashed alike").hasSizeGreaterThan(190);
    assertThat(longest).anyMatch(pause -> pause.toMillis() < 24_000);
    assertThat(longest).anyMatch(pause -> pause.toMillis() > 28_500);
  }

  @Test
  void oneSeedGivesTheSamePauses() {
    assertThat(pauses(supervision(new SplittableRandom(7)), 12))
        .isEqualTo(pauses(supervision(new SplittableRandom(7)), 12));
  }

  @Test
  void aTurnThatEndsWellBeginsThePausesAnew() {
    pauses(exact, 6);
    assertThat(exact.succeeded()).as("the gate was open").isFalse();
    assertThat(exact.crashed()).contains(Duration.ofMillis(100));
  }

  @Test
  void fiveCrashesWithinSixtySecondsStopTheProcessor() {
    for (int i = 0; i < 4; i++) {
      assertThat(exact.crashed()).isPresent();
      pass(Duration.ofSeconds(15));
    }
    assertThat(exact.crashed()).as("60 s after the first").isEmpty();
  }

  @Test
  void theFifthCrashMomentsAfterTheSixtySecondsDoesNot() {
    for (int i = 0; i < 4; i++) {
      assertThat(exact.crashed()).isPresent();
      pass(Duration.ofSeconds(15));
    }
    pass(JUST);
    assertThat(exact.crashed()).isPresent();
    pass(Duration.ofSeconds(15).minus(JUST));
    assertThat(exact.crashed()).as("60 s after the second").isEmpty();
  }

  @Test
  void turnsThatEndWellBetweenCrashesDoNotHideACrashLoop() {
    for (int i = 0; i < 4; i++) {
      assertThat(exact.crashed()).isPresent();
      assertThat(exact.succeeded()).isFalse();
      pass(Duration.ofSeconds(1));
    }
    assertThat(exact.crashed()).isEmpty();
  }

  @Test
  void oneMessageIsTriedHalfAMinuteAfterAStopAndEachTimeLater() {
    for (int seconds : new int[] {30, 60, 120, 240, 480, 480}) {
      exact.shut();
      assertThat(exact.isShut()).isTrue();
      pass(Duration.ofSeconds(seconds).minus(JUST));
      assertThat(exact.admits()).as("moments before %s s", seconds).isFalse();
      pass(JUST);
      assertThat(exact.admits()).isTrue();
      assertThat(exact.admits()).as("a second one during the trial").isFalse();
      assertThat(exact.crashed()).as("the trial crashed").isEqualTo(Optional.empty());
    }
    exact.shut();
    pass(Duration.ofMinutes(8));
    assertThat(exact.admits()).isTrue();
    assertThat(exact.succeeded()).as("that opened the gate").isTrue();
    assertThat(exact.admits()).isTrue();
    assertThat(exact.admits()).isTrue();
  }

  @Test
  void whoHasGoneWellForLongAfterItsStopsIsTriedSoonAgain() {
    for (int i = 0; i < 3; i++) {
      exact.shut();
      pass(Duration.ofMinutes(8));
      assertThat(exact.admits()).isTrue();
      assertThat(exact.succeeded()).isTrue();
    }
    pass(Duration.ofMinutes(8).plus(JUST));
    exact.shut();
    pass(Duration.ofSeconds(30).minus(JUST));
    assertThat(exact.admits()).isFalse();
    pass(JUST);
    assertThat(exact.admits()).isTrue();
  }

  @Test
  void aTrialThatWasGivenUpBeforeItsTurnLeavesTheNextOneToTry() {
    exact.shut();
    pass(Duration.ofSeconds(30));
    assertThat(exact.admits()).isTrue();
    exact.trialMissed();
    assertThat(exact.admits()).isTrue();
  }

  @Test
  void trialsOfPeersThatStoppedTogetherAreSpread() {
    HashSet<Integer> tried = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      Supervision one = supervision(new SplittableRandom(seed));
      one.shut();
      pass(Duration.ofMillis(22_499));
      int seconds = 22;
      while (!one.admits()) {
        pass(Duration.ofSeconds(1));
        seconds++;
      }
      tried.add(seconds);
      assertThat(seconds).isBetween(23, 30);
    }
    assertThat(tried).hasSizeGreaterThan(4);
  }

  @Test
  void anotherVersionHasNothingHeldAgainstIt() {
    pauses(exact, 9);
    exact.shutForGood();
    pass(Duration.ofHours(1));
    assertThat(exact.admits()).isFalse();
    exact.reset();
    assertThat(exact.admits()).isTrue();
    assertThat(exact.crashed()).contains(Duration.ofMillis(100));
  }
}
