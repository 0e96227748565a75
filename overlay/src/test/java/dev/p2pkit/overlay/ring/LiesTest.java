// One liar can neither bury anybody, nor make rings unite, nor make peers dial others without end.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.Events;
import dev.p2pkit.overlay.ring.MembershipMessage.Finding;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessAnswer;
import dev.p2pkit.overlay.ring.MembershipMessage.WitnessRequest;
import dev.p2pkit.overlay.ring.MergeMessage.Foreign;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.MergeMessage.HailAnswer;
import dev.p2pkit.overlay.ring.RingMessage.Accused;
import dev.p2pkit.overlay.ring.RingMessage.JoinAccept;
import dev.p2pkit.overlay.ring.RingMessage.JoinRefused;
import dev.p2pkit.overlay.ring.RingMessage.JoinRequest;
import dev.p2pkit.overlay.ring.RingMessage.Snapshot;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiesTest {
  private static final int SIZE = 20;

  /** Lets nobody in. */
  private static final class Doorkeeper extends Liar {
    Doorkeeper(RingScenario scenario) {
      super(scenario);
    }

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      super.onMessage(now, from, message);
      if (message instanceof JoinRequest) {
        effects.send(from, new JoinRefused(ErrorCode.ADDRESS_IN_USE, "somebody has your name"));
      }
    }
  }

  /** Counts who is dialled that does not exist. */
  private static final class Dials implements SimulationObserver {
    int inVain;

    @Override
    public void dialled(SimulatedPeer from, PeerRef to, int type) {
      if (to.endpoint().host().equals("elsewhere")) {
        inVain++;
      }
    }
  }

  private static PeerRef invented(RingScenario scenario, int number) {
    Key place = new Key(scenario.simulation.random().nextLong(), number);
    return new PeerRef(new PeerId(place), new Endpoint("elsewhere", 1 + number), 1);
  }

  private static void allAreThere(RingScenario scenario) {
    scenario.heals(Duration.ofSeconds(20));
    assertThat(scenario.members()).hasSize(SIZE);
  }

  @Test
  void whoMakesMembersUpFillsNobodysMemory() {
    LadderConfig small = LadderConfig.DEFAULT.withBudget(4_096, 4_096);
    RingScenario scenario = new RingScenario(91, RingConfig.DEFAULT.withLadder(small));
    scenario.form(5);
    scenario.run(5);
    RingPeer victim = scenario.members().get(1);
    RingPeer liar = scenario.members().get(3);
    List<MemberNews> lies = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      PeerId made = new PeerId(Key.hash("made up " + i));
      lies.add(MemberNews.alive(new PeerRef(made, new Endpoint("nowhere", 1), 1), 0));
    }
    Records records = new Records(8, 0, new BitSet(), lies);
    victim.process.run(
        now -> {
          victim.ring.onMessage(now, liar.ref(), records);
          assertThat(victim.ring.table().size()).isEqualTo((int) small.mostEntries());
        });
    scenario.run(1);
    assertThat(victim.ring.statistics().dropped().get("no-room")).isGreaterThan(800);
  }

  @Test
  void aDeathWithANumberThatLeapsBuriesNobody() {
    RingScenario scenario = RingScenario.ring(1, SIZE);
    RingPeer victim = scenario.members().get(8);
    Liar liar = new Liar(scenario);
    // What follows on this number could not be said in a message any more.
    int largest = Integer.MAX_VALUE - 1;
    liar.say(victim, new Accused(victim.ref(), largest));
    for (RingPeer peer : scenario.members()) {
      MemberNews lie = new MemberNews(Kind.FAILED, victim.ref(), largest);
      liar.say(peer, new Records(8, 0, new BitSet(), List.of(lie)));
    }
    scenario.run(30);
    allAreThere(scenario);
  }

  @Test
  void aWitnessDialsNobodyBecauseAnotherSaysSo() {
    RingScenario scenario = RingScenario.ring(2, SIZE);
    Dials dials = new Dials();
    scenario.simulation.observe(dials);
    Liar liar = new Liar(scenario);
    RingPeer known = scenario.members().get(3);
    for (RingPeer witness : scenario.members()) {
      for (int i = 0; i < 50; i++) {
        liar.say(witness, new WitnessRequest(i, invented(scenario, i)));
      }
      PeerRef moved =
          new PeerRef(known.id(), new Endpoint("elsewhere", 99), known.ref().incarnation());
      liar.say(witness, new WitnessRequest(99, moved));
    }
    scenario.run(5);
    assertThat(dials.inVain).isZero();
    assertThat(liar.heard)
        .filteredOn(WitnessAnswer.class::isInstance)
        .filteredOn(answer -> ((WitnessAnswer) answer).finding() != Finding.UNSURE)
        .as("the one concerned says of itself that it lives")
        .hasSize(1);
    allAreThere(scenario);
  }

  @Test
  void hintsOfRingsThatDoNotExistCostFewDialsAndNoUnion() {
    RingScenario scenario = RingScenario.ring(3, SIZE);
    Dials dials = new Dials();
    scenario.simulation.observe(dials);
    Liar liar = new Liar(scenario);
    for (int second = 0; second < 120; second++) {
      for (RingPeer peer : scenario.members()) {
        liar.say(peer, new Hail(invented(scenario, second), true));
        liar.say(peer, new Foreign(invented(scenario, second), false));
        liar.say(peer, new HailAnswer(invented(scenario, 1), invented(scenario, 2), false));
      }
      scenario.run(1);
    }
    // A speaker serves one hint at a time, and others ask whom a liar names every two seconds.
    assertThat(dials.inVain).isLessThan(SIZE * 120 / 2 + 120);
    int before = dials.inVain;
    scenario.run(60);
    assertThat(dials.inVain - before).as("dials after the last lie").isLessThan(10);
    allAreThere(scenario);
  }

  @Test
  void whatAUnionChangesIsNotBelievedFromJustAnyMember() {
    RingScenario scenario = new RingScenario(4);
    scenario.form(60);
    scenario.run(5);
    List<RingPeer> members = scenario.members();
    RingPeer victim = members.get(30);
    RingPeer speaker = members.get(3);
    RingPeer other = members.get(40);
    assertThat(speaker.ring.speaks(other.id())).isFalse();
    assertThat(other.ring.speaks(speaker.id())).isTrue();
    // Even from one that is believed a death is news that neighbours and the one concerned doubt.
    MemberNews lie = new MemberNews(Kind.FAILED, victim.ref(), 0);
    for (RingPeer peer : List.of(members.get(29), members.get(31))) {
      peer.process.run(now -> peer.ring.unite(now, List.of(lie)));
      assertThat(peer.ring.view().find(victim.id())).isPresent();
    }
    scenario.run(20);
    scenario.heals(Duration.ofSeconds(20));
    assertThat(scenario.members()).hasSize(60);
  }

  @Test
  void theDeathOfALaterProcessThatNobodyHasHeardOfBuriesNobody() {
    RingScenario scenario = RingScenario.ring(5, SIZE);
    RingPeer victim = scenario.members().get(8);
    long later = victim.ref().incarnation() + 1;
    PeerRef process = new PeerRef(victim.id(), victim.ref().endpoint(), later);
    MemberNews lie = new MemberNews(Kind.FAILED, process, 0);
    Liar liar = new Liar(scenario);
    for (int i = 0; i < 5; i++) {
      for (RingPeer peer : scenario.members()) {
        if (peer != victim) {
          liar.say(
              peer,
              new Events(
                  i,
                  EventLanes.Direction.CLOCKWISE,
                  true,
                  List.of(new MembershipMessage.Told(lie, 0))));
          liar.say(peer, new Records(8, 0, new BitSet(), List.of(lie)));
        }
      }
      scenario.run(2);
    }
    assertThat(victim.left).isFalse();
    allAreThere(scenario);
  }

  @Test
  void aNewcomerTakesNoTableWithoutEndAndTurnsToTheNext() {
    RingScenario scenario = RingScenario.ring(7, SIZE);
    Liar liar = new Liar(scenario);
    RingPeer joiner = scenario.add();
    List<PeerRef> contacts = List.of(liar.process.ref(), scenario.members().get(2).ref());
    joiner.process.run(now -> joiner.ring.join(now, contacts));
    scenario.run(0.2);
    List<MemberNews> invented = new ArrayList<>();
    for (int i = 0; i < RingFields.MOST_NEWS; i++) {
      invented.add(MemberNews.alive(invented(scenario, i), 0));
    }
    int parts = 60_000;
    liar.say(
        joiner,
        new JoinAccept(
            0,
            List.of(liar.process.ref()),
            List.of(liar.process.ref()),
            new TableNotice(1, 0, SIZE, 0),
            parts));
    for (int i = 0; i < 200; i++) {
      liar.say(joiner, new Snapshot(i, invented));
    }
    // At once, not when the liar has been silent for long.
    scenario.run(0.9);
    assertThat(joiner.joined).isTrue();
    assertThat(joiner.ring.view().size()).isEqualTo(SIZE + 1);
  }

  @Test
  void whoAsksToJoinAgainAndAgainGetsTheTableNowAndThen() {
    RingScenario scenario = RingScenario.ring(8, SIZE);
    Liar liar = new Liar(scenario);
    for (RingPeer member : scenario.members()) {
      for (int i = 0; i < 100; i++) {
        liar.say(member, new JoinRequest());
      }
    }
    scenario.run(0.4);
    assertThat(liar.heard).filteredOn(Snapshot.class::isInstance).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void withClocksThatDifferByTwoPercentNoKeyHasTwoServersWhilePeersDieAndSleep() {
    RingScenario scenario = RingScenario.ring(6, SIZE);
    for (int i = 0; i < SIZE; i++) {
      scenario.members().get(i).process.clockFast(i % 2 == 0 ? 10 : -10);
    }
    // Each step is watched: two servers of a key end the run.
    scenario.run(20);
    RingPeer sleeper = scenario.members().get(9);
    scenario.members().get(4).process.killHost();
    sleeper.process.pause();
    scenario.run(6);
    sleeper.process.resume();
    scenario.run(20);
    scenario.heals(Duration.ofSeconds(30));
  }

  @Test
  void theRefusalOfOneKeepsNobodyOut() {
    RingScenario scenario = RingScenario.ring(61, SIZE);
    Doorkeeper liar = new Doorkeeper(scenario);
    RingPeer honest = scenario.members().get(3);
    RingPeer joiner = scenario.add();
    List<PeerRef> contacts = List.of(liar.process.ref(), honest.ref());
    joiner.process.run(now -> joiner.ring.join(now, contacts));
    scenario.run(10);
    assertThat(liar.heard).anyMatch(JoinRequest.class::isInstance);
    assertThat(joiner.joined).isTrue();
  }

  @Test
  void whoIsRefusedByAllIsToldByWhomAndWhy() {
    RingScenario scenario = RingScenario.ring(62, 3);
    Doorkeeper liar = new Doorkeeper(scenario);
    RingPeer joiner = scenario.add();
    joiner.process.run(now -> joiner.ring.join(now, List.of(liar.process.ref())));
    scenario.run(2);
    assertThat(joiner.failure).contains(ErrorCode.ADDRESS_IN_USE);
    assertThat(joiner.failureDetail)
        .contains(liar.process.ref().toString())
        .contains("somebody has your name");
  }
}
