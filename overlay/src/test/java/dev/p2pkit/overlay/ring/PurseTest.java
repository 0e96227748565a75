// The budget is a cap: whoever obeys the purse never exceeds it, and news are told all the same.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PurseTest {
  private static final int BUDGET = 4_096;
  private static final long SECOND = 1_000_000;
  private static final long WINDOW = 30 * SECOND;
  private static final PeerRef SELF =
      new PeerRef(new PeerId(Key.of(7)), new Endpoint("host", 1), 1);
  private static final int NEWS = 20;

  private final Meter meter = new Meter(new StillEffects(SELF));
  private final Purse purse = new Purse(meter, BUDGET);

  private void send(int news) {
    List<MembershipMessage.Told> told =
        Collections.nCopies(news, new MembershipMessage.Told(MemberNews.alive(SELF, 0), 0));
    meter.send(SELF, new MembershipMessage.Events(1, EventLanes.Direction.CLOCKWISE, false, told));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void whoSendsOnlyWhatThePurseAllowsStaysWithinTheBudgetInAnyHalfMinute(int quietSeconds) {
    record Sample(long at, long total) {}
    Deque<Sample> samples = new ArrayDeque<>();
    long byReserve = 0;
    for (long now = 0; now < (300 + quietSeconds) * SECOND; now += SECOND / 50) {
      if (now % SECOND == 0) {
        // Heartbeats and the like: these are sent whatever is left.
        send(30);
      }
      if (now < quietSeconds * SECOND) {
        purse.look(now);
      } else if (!purse.empty(now)) {
        send(NEWS);
      } else if (purse.hasReserve(now)) {
        long before = meter.chargeable();
        send(NEWS);
        purse.draw((int) (meter.chargeable() - before));
        byReserve++;
      }
      samples.addLast(new Sample(now, meter.chargeable()));
      while (samples.getFirst().at() < now - WINDOW) {
        samples.removeFirst();
      }
      long spent = meter.chargeable() - samples.getFirst().total();
      assertThat(spent).as("until %d s", now / SECOND).isLessThanOrEqualTo(30L * BUDGET);
    }
    assertThat(byReserve).isGreaterThan(100);
    // It may be used, too: a cap that leaves half of the budget unused would cost reach.
    assertThat(meter.chargeable()).isGreaterThan(300L * BUDGET * 3 / 4);
  }

  @Test
  void contactsAreGivenUpBeforeComparingAndComparingBeforeNews() {
    purse.empty(0);
    int stage = 0;
    while (!purse.empty(0)) {
      boolean thrifty = purse.thrifty(0);
      boolean poor = purse.poor(0);
      assertThat(poor && !thrifty).isFalse();
      stage = Math.max(stage, poor ? 2 : thrifty ? 1 : 0);
      send(1);
    }
    assertThat(stage).isEqualTo(2);
    assertThat(purse.spendable(0)).isZero();
    assertThat(purse.hasReserve(0)).isTrue();
    purse.draw(BUDGET);
    assertThat(purse.hasReserve(0)).isFalse();
    long later = purse.pause(0);
    assertThat(later).isBetween(SECOND / 8, 10 * SECOND);
  }

  /** What is put by, what unions may take, and news: all at once, and then the ring itself. */
  @ParameterizedTest
  @ValueSource(ints = {25, 40, 60})
  void whoHasSpentAllAtOnceHasKeptWhatIsAlwaysSentForTheRestOfTheHalfMinute(int news) {
    long[] totals = new long[100];
    for (int second = 0; second < totals.length; second++) {
      for (int beat = 0; beat < 10; beat++) {
        long now = second * SECOND + beat * SECOND / 10;
        if (beat == 0) {
          // What is always sent: a fifth of the budget, a third, and nearly half of it.
          meter.tick(now);
          send(news);
        }
        while (second % 40 == 20 && purse.spendableOnUnions(now) > 0) {
          sendOfUnion();
        }
        while (second >= 20 && !purse.poor(now)) {
          send(NEWS);
        }
        if (purse.empty(now) && purse.hasReserve(now)) {
          long before = meter.chargeable();
          send(NEWS);
          purse.draw((int) (meter.chargeable() - before));
        }
      }
      totals[second] = meter.chargeable();
      if (second >= 30) {
        assertThat(totals[second] - totals[second - 30])
            .as("until %d s", second)
            .isLessThanOrEqualTo(30L * BUDGET);
      }
    }
  }

  /** Those who came first in a burst of joins had told their share within a second. */
  @Test
  void whatAQuietPeerHasPutByPaysForABurstAndComesBackWhenItIsRepaid() {
    assertThat(spendAllAt(0)).isBetween(11 * BUDGET, 13 * BUDGET);
    assertThat(spendAllAt(4 * SECOND)).as("half of the income repays").isLessThan(2 * BUDGET);
    long repaid = 40 * SECOND;
    for (long now = 5 * SECOND; now <= repaid; now += SECOND) {
      purse.look(now);
    }
    assertThat(spendAllAt(repaid)).isBetween(8 * BUDGET, 13 * BUDGET);
  }

  @Test
  void contactsDoNotUseUpWhatIsPutBy() {
    purse.empty(0);
    while (!purse.thrifty(0)) {
      send(1);
    }
    assertThat(purse.poor(0)).isFalse();
    assertThat(purse.spendable(0)).isGreaterThan(9 * BUDGET);
  }

  /** Compares tables for as long as there is something left for that; how many bytes that took. */
  private int spendAllAt(long now) {
    purse.empty(now);
    long before = meter.chargeable();
    while (purse.spendable(now) > 0) {
      send(NEWS);
    }
    return (int) (meter.chargeable() - before);
  }

  @Test
  void whatIsOwedIsForgivenWhenTheHalfMinuteIsOver() {
    purse.empty(0);
    for (int i = 0; i < 100; i++) {
      send(500);
    }
    assertThat(purse.empty(0)).isTrue();
    assertThat(purse.empty(29 * SECOND)).isTrue();
    assertThat(purse.empty(31 * SECOND)).isFalse();
  }

  private void sendOfUnion() {
    meter.send(
        SELF,
        new MergeMessage.TablePart(1, 0, 1, Collections.nCopies(64, MemberNews.alive(SELF, 0))));
  }

  @Test
  void unionsArePaidInAdvanceAndStayWithinTheBudgetToo() {
    long[] totals = new long[100];
    int atOnce = 0;
    for (int second = 0; second < totals.length; second++) {
      long now = second * SECOND;
      send(30);
      while (purse.spendableOnUnions(now) > 0) {
        sendOfUnion();
        atOnce += second == 0 ? 1 : 0;
      }
      while (!purse.empty(now)) {
        send(NEWS);
      }
      totals[second] = meter.chargeable();
      if (second >= 30) {
        assertThat(totals[second] - totals[second - 30])
            .as("until %d s", second)
            .isLessThanOrEqualTo(30L * BUDGET);
      }
    }
    assertThat(atOnce * 64 * 28).isGreaterThan(10 * BUDGET);
    assertThat(meter.unions()).isGreaterThan(meter.chargeable() / 4);
  }
}
