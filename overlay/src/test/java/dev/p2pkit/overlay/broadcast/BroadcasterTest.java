// One broadcast machine and a peer that says what it likes to it.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BroadcasterTest {
  private static final int TOPIC = 1;
  private static final long SECOND = 1_000_000;

  /** Signs with the origin's id, which is enough to see whether it is looked at. */
  private static final BroadcastSeals SEALS =
      new BroadcastSeals() {
        @Override
        public byte[] seal(byte[] statement) {
          return new byte[] {(byte) Arrays.hashCode(statement)};
        }

        @Override
        public boolean fits(PeerId origin, byte[] statement, byte[] seal) {
          return Arrays.equals(seal, seal(statement));
        }
      };

  private final Simulation simulation =
      Simulation.seeded(1).conditions(NetworkConditions.DEFAULT.withCodecShare(1));
  private final SimulatedPeer honest = simulation.peer("honest");
  private final SimulatedPeer stranger = simulation.peer("stranger");
  private final SimulatedPeer sender = simulation.peer("origin");
  private final PeerRef origin = sender.ref();
  private final long base = Content.base(origin);
  private final List<String> delivered = new ArrayList<>();
  private final List<Long> missed = new ArrayList<>();
  private Broadcaster machine;
  private Stranger raw;
  private int spendable = Integer.MAX_VALUE;

  /** Sends anything and notes what comes back. */
  private static final class Stranger implements Machine {
    final Effects effects;
    final List<WireMessage> heard = new ArrayList<>();
    int downs;

    Stranger(Effects effects) {
      this.effects = effects;
    }

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      heard.add(message);
    }

    @Override
    public void onLink(long now, PeerId peer, LinkEvent event) {
      downs += event == LinkEvent.DOWN ? 1 : 0;
    }
  }

  @BeforeEach
  void begin() {
    machine =
        honest.host(
            new BroadcastCodec(),
            effects ->
                new Broadcaster(
                    effects,
                    BroadcastConfig.DEFAULT,
                    SEALS,
                    new BroadcastListener() {
                      @Override
                      public Optional<ErrorCode> onBroadcast(
                          PeerRef from, int topic, byte[] payload) {
                        delivered.add(new String(payload, java.nio.charset.StandardCharsets.UTF_8));
                        return Optional.empty();
                      }

                      @Override
                      public void onMissed(PeerId from, long count) {
                        missed.add(count);
                      }

                      @Override
                      public int spendable(long now) {
                        return spendable;
                      }
                    }));
    raw = stranger.host(new BroadcastCodec(), Stranger::new);
    // Alone at first, so that it waits for nobody's list.
    honest.publish(new RingView(honest.ref(), true, 1, List.of(), List.of(), List.of()));
    run(0.001);
  }

  private void run(double seconds) {
    simulation.runFor(Duration.ofNanos((long) (seconds * 1e9)));
  }

  private Content content(long number, long lowest, String text) {
    return content(origin, base + number, base + lowest, 0, 0, 1, text);
  }

  private static Content content(
      PeerRef from, long number, long lowest, long earlier, int part, int parts, String text) {
    byte[] payload = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Content bare =
        new Content(from, number, lowest, earlier, TOPIC, part, parts, payload, new byte[0]);
    return bare.sealed(SEALS.seal(bare.statement()));
  }

  /** The process of the origin that starts after the one that the others speak of. */
  private PeerRef next() {
    return new PeerRef(origin.id(), origin.endpoint(), origin.incarnation() + 1);
  }

  private Arc leaf() {
    return Intervals.only(honest.id().position());
  }

  private void task(Content content, Arc interval) {
    say(new Task(content, interval, 20 * SECOND));
  }

  private void say(WireMessage message) {
    stranger.run(now -> raw.effects.send(honest.ref(), message));
    run(0.1);
  }

  @Test
  void anAlteredOrForgedBroadcastIsDroppedAndCountedAndItsLinkClosed() {
    Content good = content(1, 1, "good");
    byte[] other = {'b', 'a', 'd', '!'};
    task(new Content(origin, base + 1, base + 1, 0, TOPIC, 0, 1, other, good.seal), leaf());
    task(new Content(origin, base + 2, base + 1, 0, TOPIC, 0, 1, good.payload, good.seal), leaf());
    task(new Content(origin, base + 1, base + 1, 0, 2, 0, 1, good.payload, good.seal), leaf());
    say(
        new Repair(
            new Content(origin, base + 1, base + 1, 0, TOPIC, 0, 2, good.payload, good.seal)));

    assertThat(delivered).isEmpty();
    assertThat(machine.statistics().forged()).isEqualTo(4);
    assertThat(raw.heard).isEmpty();
    assertThat(raw.downs).isEqualTo(4);

    task(good, leaf());
    assertThat(delivered).containsExactly("good");
  }

  @Test
  void aTaskThatComesAgainIsAnsweredWithTheStoredCompletionAndDeliveredOnce() {
    Content content = content(1, 1, "once");
    task(content, leaf());
    task(content, leaf());
    task(content, Intervals.allBut(origin.id().position()));

    assertThat(delivered).containsExactly("once");
    assertThat(raw.heard).hasSize(3).allMatch(message -> message instanceof Done);
    assertThat(raw.heard)
        .allMatch(message -> ((Done) message).tally().peers().equals(List.of(honest.id())));
    assertThat(machine.statistics().duplicates()).isEqualTo(2);
    assertThat(machine.statistics().open()).isZero();
  }

  @Test
  void whatCannotBeHadWithinTenSecondsIsSkippedAndCounted() {
    task(content(1, 1, "one"), leaf());
    task(content(4, 1, "four"), leaf());
    task(content(5, 1, "five"), leaf());
    run(9);
    assertThat(delivered).containsExactly("one");
    assertThat(missed).isEmpty();
    // Whoever has not been delivered to does not say so.
    assertThat(raw.heard.stream().filter(message -> message instanceof Done)).hasSize(1);
    run(3);
    assertThat(delivered).containsExactly("one", "four", "five");
    assertThat(missed).containsExactly(2L);
    assertThat(raw.heard.stream().filter(message -> message instanceof Done)).hasSize(3);

    task(content(2, 1, "two, too late"), leaf());
    assertThat(delivered).containsExactly("one", "four", "five");
  }

  @Test
  void whatIsMissingIsPulledAndDeliveredInOrder() {
    seesStranger();
    task(content(1, 1, "one"), leaf());
    task(content(3, 1, "three"), leaf());
    run(1);
    assertThat(raw.heard).contains(new Pull(List.of(new BroadcastId(origin.id(), base + 2))));
    say(new Repair(content(2, 1, "two")));
    assertThat(delivered).containsExactly("one", "two", "three");
    assertThat(machine.statistics().repaired()).isEqualTo(1);
  }

  @Test
  void neighboursThatCameAfterABroadcastDoNotHideItFromThoseThatHaveIt() {
    // The stranger on both sides has seen the number only, as a newcomer has; the origin has it
    // all.
    Stranger kept = sender.host(new BroadcastCodec(), Stranger::new);
    seesStranger(stranger.ref(), origin);
    run(1);
    Content content = content(1, 1, "one");
    Pull pull = new Pull(List.of(content.id));
    for (int heartbeat = 0; heartbeat < 3; heartbeat++) {
      say(new Recent(List.of(new BroadcastMessage.Seen(content.id, 0)), false));
      run(0.9);
    }
    assertThat(raw.heard).contains(pull);
    assertThat(kept.heard).contains(pull);
    sender.run(now -> kept.effects.send(honest.ref(), new Repair(content)));
    run(0.1);
    assertThat(delivered).containsExactly("one");
  }

  @Test
  void aGuessWhoMayHaveWhatIsMissingDoesNotKeepAPeerFromAskingOneThatHasIt() {
    seesStranger();
    task(content(1, 1, "one"), leaf());
    task(content(3, 1, "three"), leaf());
    run(0.2);
    Pull pull = new Pull(List.of(new BroadcastId(origin.id(), base + 2)));
    assertThat(raw.heard).contains(pull);
    raw.heard.clear();
    say(new Recent(List.of(new BroadcastMessage.Seen(pull.ids().get(0), 0)), false));
    assertThat(raw.heard).contains(pull);
  }

  @Test
  void whatTheProcessBeforeHasSentComesFirstIfTheNextOneNamesIt() {
    seesStranger();
    run(30);
    task(content(1, 1, "one"), leaf());
    long nextBase = Content.base(next());
    Content naming = content(next(), nextBase + 1, base + 1, base + 3, 0, 1, "naming");
    task(naming, leaf());
    assertThat(delivered).containsExactly("one");
    run(0.2);
    List<BroadcastId> asked = List.of(content(2, 1, "").id, content(3, 1, "").id);
    assertThat(raw.heard).contains(new Pull(asked));
    say(new Repair(content(3, 1, "three")));
    say(new Repair(content(2, 1, "two")));
    assertThat(delivered).containsExactly("one", "two", "three", "naming");
    assertThat(missed).isEmpty();
  }

  @Test
  void whatTheProcessBeforeHasSentAndNobodyHasIsSkippedAndTold() {
    run(30);
    task(content(1, 1, "one"), leaf());
    task(content(4, 1, "four"), leaf());
    long nextBase = Content.base(next());
    task(content(next(), nextBase + 1, base + 1, base + 6, 0, 1, "naming"), leaf());
    run(21);
    assertThat(delivered).containsExactly("one", "four", "naming");
    assertThat(missed).containsExactly(2L, 2L);
  }

  @Test
  void whatTheNextProcessHasNotKnownOfAndComesAfterItIsToldOnceAndKeptForOthers() {
    seesStranger();
    run(30);
    long nextBase = Content.base(next());
    task(content(next(), nextBase + 1, nextBase + 1, 0, 0, 1, "next"), leaf());
    assertThat(delivered).containsExactly("next");
    Content late = content(1, 1, "late");
    for (int i = 0; i < 2; i++) {
      say(new Recent(List.of(new BroadcastMessage.Seen(late.id, 0)), false));
      run(0.5);
    }
    assertThat(raw.heard.stream().filter(new Pull(List.of(late.id))::equals)).hasSize(2);
    assertThat(missed).isEmpty();
    say(new Repair(late));
    say(new Repair(late));
    task(late, leaf());
    assertThat(missed).containsExactly(1L);
    raw.heard.clear();
    say(new Pull(List.of(late.id)));
    assertThat(raw.heard).singleElement().isInstanceOf(Repair.class);
    assertThat(delivered).containsExactly("next");
  }

  @Test
  void aProcessThatStartsAgainGetsWhatTheOneBeforeHasSentAndNamesIt() {
    seesStranger();
    PeerRef before =
        new PeerRef(honest.id(), honest.ref().endpoint(), honest.ref().incarnation() - 1);
    long number = Content.base(before) + 7;
    Content earlier = content(before, number, number, 0, 0, 1, "earlier");
    Content forged =
        new Content(before, number, number, 0, TOPIC, 0, 1, earlier.payload, new byte[1]);
    say(new Recent(List.of(new BroadcastMessage.Seen(earlier.id, SECOND)), false));
    assertThat(raw.heard).contains(new Pull(List.of(earlier.id)));
    say(new Repair(forged));
    assertThat(broadcastsWithin(SECOND).namesEarlier()).isFalse();
    say(new Repair(earlier));
    Content naming = broadcastsWithin(SECOND);
    assertThat(naming.lowest).isEqualTo(number);
    assertThat(naming.earlier).isEqualTo(number);
    assertThat(delivered).doesNotContain("earlier");
    raw.heard.clear();
    say(new Pull(List.of(earlier.id)));
    assertThat(raw.heard).singleElement().isInstanceOf(Repair.class);
    run(61);
    assertThat(broadcastsWithin(SECOND).namesEarlier()).isFalse();
  }

  @Test
  void partsOfDifferentPayloadsAreNeverPutTogether() {
    run(30);
    task(content(origin, base + 1, base + 1, 0, 0, 2, "begin"), leaf());
    // The second part, and the first one of the next payload, are lost.
    task(content(origin, base + 4, base + 1, 0, 1, 2, "other end"), leaf());
    run(11);
    assertThat(delivered).isEmpty();
    assertThat(missed).containsExactly(2L, 1L);
  }

  private void seesStranger(PeerRef... others) {
    List<PeerRef> known = new ArrayList<>(List.of(others));
    known.add(honest.ref());
    honest.publish(
        RingView.ofSorted(
            honest.ref(),
            true,
            2,
            List.of(stranger.ref()),
            List.of(stranger.ref()),
            SortedPeers.of(known)));
    run(0.001);
  }

  private void seesStranger() {
    seesStranger(stranger.ref());
  }

  @Test
  void anOriginThatIsUnknownBeginsWithTheLowestThatItSaysCanStillCome() {
    task(content(70, 70, "seventy"), leaf());
    assertThat(delivered).containsExactly("seventy");
  }

  @Test
  void whatIsOverButStillKeptForRepairIsNotTakenForSettledByPeersThatKnowNothingOfTheOrigin() {
    seesStranger();
    Content first = broadcastsWithin(SECOND);
    run(20);
    Content second = broadcastsWithin(SECOND);
    assertThat(second.lowest).isEqualTo(first.id.sequence());
    run(41);
    assertThat(broadcastsWithin(SECOND).lowest).isEqualTo(second.id.sequence());
    run(61);
    Content last = broadcastsWithin(SECOND);
    assertThat(last.lowest).isEqualTo(last.id.sequence());
  }

  private Content broadcastsWithin(long micros) {
    raw.heard.clear();
    honest.run(now -> machine.broadcast(now, TOPIC, new byte[1], now + micros, report -> {}));
    run(0.5);
    return raw.heard.stream()
        .filter(message -> message instanceof Task)
        .map(message -> ((Task) message).content())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDigestThatStaysDifferentLeadsToListsAndOneThatFollowsDoesNot() {
    seesStranger();
    Content content = content(1, 1, "one");
    BroadcastDigest theirs = BroadcastDigest.NONE.with(content.id);
    honest.run(now -> machine.compare(now, stranger.ref(), theirs));
    run(0.2);
    task(content, leaf());
    run(2);
    assertThat(raw.heard).noneMatch(message -> message instanceof Recent);
    assertThat(delivered).containsExactly("one");

    BroadcastDigest more = theirs.with(new BroadcastId(origin.id(), base + 2));
    honest.run(now -> machine.compare(now, stranger.ref(), more));
    run(2);
    assertThat(raw.heard).anyMatch(message -> message instanceof Recent recent && recent.answer());
  }

  @Test
  void anOriginThatSendsTooManyIsRefused() {
    int most = 2 * BroadcastConfig.DEFAULT.perSecond() * 4;
    stranger.run(
        now -> {
          for (int i = 1; i <= most + 100; i++) {
            raw.effects.send(honest.ref(), new Task(content(i, 1, "x"), leaf(), 20 * SECOND));
          }
        });
    run(0.2);
    assertThat(delivered.size()).isBetween(most, most + 99);
    assertThat(machine.statistics().refused()).isPositive();
    assertThat(raw.heard)
        .anyMatch(
            message ->
                message instanceof Declined declined
                    && declined.refusal().equals(Optional.of(ErrorCode.BUSY)));
  }

  @Test
  void whatTheRingTellsIsPassedOnWhenTheBudgetHasRoomForIt() {
    honest.publish(
        new RingView(
            honest.ref(), true, 2, List.of(stranger.ref()), List.of(stranger.ref()), List.of()));
    run(0.001);
    spendable = 0;
    byte[] news = {1};
    honest.run(now -> machine.broadcast(now, 0, news, now + 20 * SECOND, report -> {}));
    run(1);
    assertThat(raw.heard).noneMatch(Task.class::isInstance);
    assertThat(machine.statistics().tasks()).isZero();
    spendable = 1;
    run(0.8);
    assertThat(raw.heard).filteredOn(Task.class::isInstance).hasSize(1);
    assertThat(machine.statistics().repeated()).isZero();
  }

  @Test
  void aPeerThatIsNoMemberYetTakesTheContentAndDeclinesTheRest() {
    SimulatedPeer newcomer = simulation.peer("newcomer");
    newcomer.host(
        new BroadcastCodec(),
        effects ->
            new Broadcaster(
                effects, BroadcastConfig.DEFAULT, SEALS, (from, topic, bytes) -> Optional.empty()));
    stranger.run(
        now ->
            raw.effects.send(
                newcomer.ref(),
                new Task(
                    content(1, 1, "one"), Intervals.allBut(origin.id().position()), 20 * SECOND)));
    run(0.2);
    assertThat(raw.heard)
        .singleElement()
        .isInstanceOfSatisfying(
            Declined.class, declined -> assertThat(declined.refusal()).isEmpty());
  }

  @Test
  void whatIsOverIsADigestOfAMinuteAndThenOneNumberForEachOrigin() {
    for (int i = 1; i <= 500; i++) {
      task(content(i, i, "x"), leaf());
    }
    run(30);
    assertThat(machine.statistics().open()).isZero();
    assertThat(machine.statistics().kept()).isGreaterThan(250);
    run(61);
    honest.run(machine::digest);
    assertThat(machine.statistics().kept()).isZero();
    task(content(3, 1, "again"), leaf());
    assertThat(delivered).hasSize(500);
  }
}
