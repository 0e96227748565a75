// Tables of two to four levels on large rings: how many hops they need, and what they hold.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LadderShapeTest {
  /** A ring of which machines are made when somebody looks at them, and driven by nobody. */
  private static final class StillRing {
    final SplittableRandom random;
    final FormedRing formed;
    final RingConfig config;
    final Map<PeerId, RingMachine> machines = new HashMap<>();

    StillRing(long seed, int size, LadderConfig ladder) {
      random = new SplittableRandom(seed);
      config = RingConfig.DEFAULT.withLadder(ladder);
      List<PeerRef> refs = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        refs.add(new PeerRef(new PeerId(key()), new Endpoint("host", 1 + i % 60_000), 1));
      }
      formed = FormedRing.of(refs);
    }

    Key key() {
      return new Key(random.nextLong(), random.nextLong());
    }

    RingMachine machine(PeerRef ref) {
      return machines.computeIfAbsent(
          ref.id(),
          id -> {
            RingMachine machine =
                RingMachine.within(
                    formed, config, new StillEffects(ref, random.split()), new DeafListener());
            machine.start(0);
            machine.form(0);
            return machine;
          });
    }

    PeerRef owner(Key key) {
      int at = formed.indexAtOrAfter(key);
      return formed.peers().get(at == formed.peers().size() ? 0 : at);
    }

    /** How many hops it takes; fails if the message ends at the wrong peer. */
    int hops(PeerRef origin, Key key) {
      PeerRef at = origin;
      for (int hops = 0; hops < 20; hops++) {
        RingView view = machine(at).view();
        if (view.isExact(key)) {
          assertThat(view.owner(key)).isEqualTo(owner(key));
          return view.owner(key).equals(at) ? hops : hops + 1;
        }
        at = view.towards(key, 1).get(0);
      }
      throw new AssertionError("no end to the way from " + origin + " to " + key);
    }
  }

  private static LadderConfig level(int level) {
    return new LadderConfig(4_096, 16 << 20, 2, level, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, 2000", "2, 2000", "2, 20000", "3, 5000", "3, 20000", "4, 20000"})
  void aTableOfSoManyLevelsNeedsNoMoreHops(int level, int size) {
    StillRing ring = new StillRing(level * 31L + size, size, level(level));
    double sum = 0;
    int tries = 2_000;
    for (int i = 0; i < tries; i++) {
      PeerRef origin = ring.formed.peers().get(ring.random.nextInt(size));
      int hops = ring.hops(origin, ring.key());
      assertThat(hops).isLessThanOrEqualTo(level);
      sum += hops;
    }
    assertThat(sum / tries).isBetween(level * 0.7, (double) level);
  }

  @Test
  void everybodyWithinTheArcIsKnownAndNobodyIsMissing() {
    StillRing ring = new StillRing(5, 5_000, level(2));
    for (int i = 0; i < 200; i++) {
      PeerRef self = ring.formed.peers().get(ring.random.nextInt(5_000));
      RingView view = ring.machine(self).view();
      assertThat(view.complete()).isFalse();
      assertThat(view.size()).isLessThan(700);
      Coverage coverage = ring.machine(self).table().coverage();
      int known = 0;
      for (PeerRef ref : ring.formed.peers()) {
        if (coverage.covers(ref.id().position())) {
          assertThat(view.find(ref.id())).contains(ref);
          known++;
        }
      }
      assertThat(known).isEqualTo(ring.machine(self).table().size()).isGreaterThan(64);
      assertThat(view.members()).isSortedAccordingTo((a, b) -> a.id().compareTo(b.id()));
    }
  }

  @Test
  void aContactWhoseHostRefusesIsNoneAndOneThatKeepsDyingIsNotTakenAgain() {
    StillRing ring = new StillRing(7, 3_000, level(2));
    RingMachine machine = ring.machine(ring.formed.peers().get(5));
    ContactTable contacts = machine.ladder().contacts.table();
    PeerRef flapping = contacts.sorted()[10];
    for (int death = 1; death <= 3; death++) {
      assertThat(contacts.contains(flapping.id())).as("before death %d", death).isTrue();
      machine.onLink(death * 1_000_000L, flapping.id(), LinkEvent.REFUSED);
      assertThat(contacts.contains(flapping.id())).as("after death %d", death).isFalse();
      machine.onMessage(
          death * 1_000_000L + 500_000, flapping, new MembershipMessage.ProbeAnswer(0));
    }
    assertThat(contacts.contains(flapping.id())).isFalse();
    // After ten quiet minutes it is one like all others.
    machine.onMessage(700_000_000, flapping, new MembershipMessage.ProbeAnswer(0));
    assertThat(contacts.contains(flapping.id())).isTrue();
  }

  @Test
  void aHintIsForgottenAfterTwoMinutesHoweverOftenTheShapeChangesMeanwhile() {
    StillRing ring = new StillRing(9, 3_000, level(2));
    RingMachine machine = ring.machine(ring.formed.peers().get(5));
    PeerRef stranger =
        ring.formed.peers().stream()
            .filter(ref -> machine.view().find(ref.id()).isEmpty())
            .findFirst()
            .orElseThrow();
    machine.known().hint(0, List.of(stranger), ContactTable.NO_SOURCE);
    for (int second = 1; second <= 119; second++) {
      if (second % 20 == 0) {
        machine.known().narrowed(second * 1_000_000L);
      }
      machine.onTimer(second * 1_000_000L, Timers.HEARTBEAT);
      machine.onTimer(second * 1_000_000L + 500_000, Timers.VIEW);
    }
    assertThat(machine.view().find(stranger.id())).isPresent();
    machine.onTimer(121_000_000, Timers.HEARTBEAT);
    machine.onTimer(121_500_000, Timers.VIEW);
    assertThat(machine.known().all().find(stranger.id())).isEmpty();
    assertThat(machine.view().find(stranger.id())).isEmpty();
  }

  /**
   * One peer of 300 whose ring had been cut four times in a row had taken a smaller table, and did
   * not know everybody five minutes later.
   */
  @ParameterizedTest
  @CsvSource({"true, 1", "false, 2"})
  void whoIsShortForAUnionKeepsItsTableAndWhoIsShortWithoutOneDoesNot(boolean unites, int level) {
    StillRing ring = new StillRing(8, 300, LadderConfig.DEFAULT);
    RingMachine machine = ring.machine(ring.formed.peers().get(5));
    PeerRef next = ring.formed.peers().get(6);
    for (int second = 0; second < 70; second++) {
      long now = second * 1_000_000L;
      if (unites && second % 20 == 0) {
        PeerRef stranger = new PeerRef(new PeerId(ring.key()), new Endpoint("other", 1), 1);
        machine.onMessage(now, stranger, new MergeMessage.Hail(stranger, false));
      }
      for (int i = 0; i < 1_000; i++) {
        machine.ladder().core.effects.send(next, new MembershipMessage.ProbeAnswer(0));
      }
      machine.ladder().tick(now);
    }
    assertThat(machine.ladder().purse.empty(70_000_000)).isTrue();
    assertThat(machine.ladder().rungs().level()).isEqualTo(level);
  }

  @Tag("long")
  @Test
  void aMillionPeersNeedAThousandEntriesAtLevelThree() {
    StillRing ring = new StillRing(6, 1_000_000, level(3));
    PeerRef self = ring.formed.peers().get(77);
    assertThat(ring.machine(self).view().size()).isBetween(500, 1_200);
    double sum = 0;
    for (int i = 0; i < 300; i++) {
      PeerRef origin = ring.formed.peers().get(ring.random.nextInt(1_000_000));
      int hops = ring.hops(origin, ring.key());
      assertThat(hops).isLessThanOrEqualTo(3);
      sum += hops;
    }
    assertThat(sum / 300).isBetween(2.7, 3.0);
  }
}
