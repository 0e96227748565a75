// What a broadcast machine does with what a peer says to it.
package dev.p2pkit.overlay.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastMessage.Declined;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Done;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Pull;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Recent;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Repair;
import dev.p2pkit.overlay.broadcast.BroadcastMessage.Task;
import dev.p2pkit.overlay.broadcast.LoneBroadcaster.Stranger;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.sdk.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BroadcasterTest {
  private static final long SECOND = 1_000_000;

  private final LoneBroadcaster rig = new LoneBroadcaster();

  @Test
  void anAlteredOrForgedBroadcastIsDroppedAndCountedAndItsLinkClosed() {
    Content good = rig.content(1, 1, "good");
    byte[] other = {'b', 'a', 'd', '!'};
    rig.task(
        new Content(
            rig.origin,
            rig.base + 1,
            rig.base + 1,
            0,
            LoneBroadcaster.TOPIC,
            0,
            1,
            other,
            good.seal),
        rig.leaf());
    rig.task(
        new Content(
            rig.origin,
            rig.base + 2,
            rig.base + 1,
            0,
            LoneBroadcaster.TOPIC,
            0,
            1,
            good.payload,
            good.seal),
        rig.leaf());
    rig.task(
        new Content(rig.origin, rig.base + 1, rig.base + 1, 0, 2, 0, 1, good.payload, good.seal),
        rig.leaf());
    rig.say(
        new Repair(
            new Content(
                rig.origin,
                rig.base + 1,
                rig.base + 1,
                0,
                LoneBroadcaster.TOPIC,
                0,
                2,
                good.payload,
                good.seal)));

    assertThat(rig.delivered).isEmpty();
    assertThat(rig.machine.statistics().forged()).isEqualTo(4);
    assertThat(rig.raw.heard).isEmpty();
    assertThat(rig.raw.downs).isEqualTo(4);

    rig.task(good, rig.leaf());
    assertThat(rig.delivered).containsExactly("good");
  }

  @Test
  void aTaskThatComesAgainIsAnsweredWithTheStoredCompletionAndDeliveredOnce() {
    Content content = rig.content(1, 1, "once");
    rig.task(content, rig.leaf());
    rig.task(content, rig.leaf());
    rig.task(content, Intervals.allBut(rig.origin.id().position()));

    assertThat(rig.delivered).containsExactly("once");
    assertThat(rig.raw.heard).hasSize(3).allMatch(message -> message instanceof Done);
    assertThat(rig.raw.heard)
        .allMatch(message -> ((Done) message).tally().peers().equals(List.of(rig.honest.id())));
    assertThat(rig.machine.statistics().duplicates()).isEqualTo(2);
    assertThat(rig.machine.statistics().open()).isZero();
  }

  @Test
  void whatCannotBeHadWithinTenSecondsIsSkippedAndCounted() {
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.task(rig.content(4, 1, "four"), rig.leaf());
    rig.task(rig.content(5, 1, "five"), rig.leaf());
    rig.run(9);
    assertThat(rig.delivered).containsExactly("one");
    assertThat(rig.missed).isEmpty();
    // Whoever has not been delivered to does not say so.
    assertThat(rig.raw.heard.stream().filter(message -> message instanceof Done)).hasSize(1);
    rig.run(3);
    assertThat(rig.delivered).containsExactly("one", "four", "five");
    assertThat(rig.missed).containsExactly(2L);
    assertThat(rig.raw.heard.stream().filter(message -> message instanceof Done)).hasSize(3);

    rig.raw.heard.clear();
    rig.task(rig.content(2, 1, "two, too late"), rig.leaf());
    assertThat(rig.delivered).containsExactly("one", "four", "five");
    assertThat(tally().reached()).isZero();
    assertThat(tally().missed()).containsExactly(rig.leaf());
  }

  /** What the machine reports to who has given it the last task. */
  private Tally tally() {
    return rig.raw.heard.stream()
        .filter(message -> message instanceof Done)
        .map(message -> ((Done) message).tally())
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  @Test
  void whoCameAfterABroadcastIsNeitherReachedNorMissed() {
    Content content = rig.content(1, 1, "one");
    rig.say(new Recent(List.of(new BroadcastMessage.Seen(content.id, 5 * SECOND)), false));
    rig.task(content, rig.leaf());
    assertThat(rig.delivered).isEmpty();
    assertThat(tally()).isEqualTo(Tally.NOBODY);
  }

  @Test
  void whatWaitsForItsTurnIsReportedWhenItHasIt() {
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.raw.heard.clear();
    rig.say(new Repair(rig.content(3, 1, "three")));
    rig.task(rig.content(3, 1, "three"), rig.leaf());
    assertThat(rig.raw.heard).noneMatch(message -> message instanceof Done);
    rig.say(new Repair(rig.content(2, 1, "two")));
    assertThat(rig.delivered).containsExactly("one", "two", "three");
    assertThat(tally().peers()).containsExactly(rig.honest.id());
  }

  @Test
  void aProcessThatWasStoppedAsksForWhatIsMissingBeforeItSkipsIt() {
    rig.seesStranger();
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.task(rig.content(3, 1, "three"), rig.leaf());
    rig.honest.pause();
    rig.run(12);
    rig.honest.resume();
    rig.run(2);
    assertThat(rig.missed).isEmpty();
    assertThat(rig.raw.heard)
        .contains(new Pull(List.of(new BroadcastId(rig.origin.id(), rig.base + 2))));
    rig.run(6);
    rig.say(new Repair(rig.content(2, 1, "two")));
    assertThat(rig.delivered).containsExactly("one", "two", "three");
    rig.task(rig.content(5, 1, "five"), rig.leaf());
    rig.honest.pause();
    rig.run(12);
    rig.honest.resume();
    rig.run(12);
    assertThat(rig.delivered).containsExactly("one", "two", "three", "five");
    assertThat(rig.missed).containsExactly(1L);
  }

  @Test
  void whatIsMissingIsPulledAndDeliveredInOrder() {
    rig.seesStranger();
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.task(rig.content(3, 1, "three"), rig.leaf());
    rig.run(1);
    assertThat(rig.raw.heard)
        .contains(new Pull(List.of(new BroadcastId(rig.origin.id(), rig.base + 2))));
    rig.say(new Repair(rig.content(2, 1, "two")));
    assertThat(rig.delivered).containsExactly("one", "two", "three");
    assertThat(rig.machine.statistics().repaired()).isEqualTo(1);
  }

  @Test
  void neighboursThatCameAfterABroadcastDoNotHideItFromThoseThatHaveIt() {
    // The stranger on both sides has seen the number only, as a newcomer has; the origin has it
    // all.
    Stranger kept = rig.sender.host(new BroadcastCodec(), Stranger::new);
    rig.seesStranger(rig.stranger.ref(), rig.origin);
    rig.run(1);
    Content content = rig.content(1, 1, "one");
    Pull pull = new Pull(List.of(content.id));
    for (int heartbeat = 0; heartbeat < 3; heartbeat++) {
      rig.say(new Recent(List.of(new BroadcastMessage.Seen(content.id, 0)), false));
      rig.run(0.9);
    }
    assertThat(rig.raw.heard).contains(pull);
    assertThat(kept.heard).contains(pull);
    rig.sender.run(now -> kept.effects.send(rig.honest.ref(), new Repair(content)));
    rig.run(0.1);
    assertThat(rig.delivered).containsExactly("one");
  }

  @Test
  void whoHasBroughtALaterOneIsAskedForAnEarlierOneThoughItIsInNoList() {
    // As the peers of one ring are for those of another one, until the two are united.
    Stranger outside = rig.sender.host(new BroadcastCodec(), Stranger::new);
    rig.seesStranger();
    rig.run(30);
    Task later = new Task(rig.content(2, 1, "two"), rig.leaf(), 20_000_000);
    rig.sender.run(now -> outside.effects.send(rig.honest.ref(), later));
    rig.run(5);
    assertThat(outside.heard).contains(new Pull(List.of(rig.content(1, 1, "").id)));
    Repair earlier = new Repair(rig.content(1, 1, "one"));
    rig.sender.run(now -> outside.effects.send(rig.honest.ref(), earlier));
    rig.run(0.1);
    assertThat(rig.delivered).containsExactly("one", "two");
    assertThat(rig.missed).isEmpty();
  }

  @Test
  void aGuessWhoMayHaveWhatIsMissingDoesNotKeepAPeerFromAskingOneThatHasIt() {
    rig.seesStranger();
    rig.task(rig.content(1, 1, "one"), rig.leaf());
    rig.task(rig.content(3, 1, "three"), rig.leaf());
    rig.run(0.2);
    Pull pull = new Pull(List.of(new BroadcastId(rig.origin.id(), rig.base + 2)));
    assertThat(rig.raw.heard).contains(pull);
    rig.raw.heard.clear();
    rig.say(new Recent(List.of(new BroadcastMessage.Seen(pull.ids().get(0), 0)), false));
    assertThat(rig.raw.heard).contains(pull);
  }

  @Test
  void partsOfDifferentPayloadsAreNeverPutTogether() {
    rig.run(30);
    rig.task(rig.content(rig.origin, rig.base + 1, rig.base + 1, 0, 0, 2, "begin"), rig.leaf());
    // The second part, and the first one of the next payload, are lost.
    rig.task(rig.content(rig.origin, rig.base + 4, rig.base + 1, 0, 1, 2, "other end"), rig.leaf());
    rig.run(11);
    assertThat(rig.delivered).isEmpty();
    assertThat(rig.missed).containsExactly(2L, 1L);
  }

  @Test
  void anOriginThatIsUnknownBeginsWithTheLowestThatItSaysCanStillCome() {
    rig.task(rig.content(70, 70, "seventy"), rig.leaf());
    assertThat(rig.delivered).containsExactly("seventy");
  }

  @Test
  void whatIsOverButStillKeptForRepairIsNotTakenForSettledByPeersThatKnowNothingOfTheOrigin() {
    rig.seesStranger();
    Content first = rig.broadcastsWithin(SECOND);
    rig.run(20);
    Content second = rig.broadcastsWithin(SECOND);
    assertThat(second.lowest).isEqualTo(first.id.sequence());
    rig.run(41);
    assertThat(rig.broadcastsWithin(SECOND).lowest).isEqualTo(second.id.sequence());
    rig.run(61);
    Content last = rig.broadcastsWithin(SECOND);
    assertThat(last.lowest).isEqualTo(last.id.sequence());
  }

  @Test
  void aDigestThatStaysDifferentLeadsToListsAndOneThatFollowsDoesNot() {
    rig.seesStranger();
    Content content = rig.content(1, 1, "one");
    BroadcastDigest theirs = BroadcastDigest.NONE.with(content.id);
    rig.honest.run(now -> rig.machine.compare(now, rig.stranger.ref(), theirs));
    rig.run(0.2);
    rig.task(content, rig.leaf());
    rig.run(2);
    assertThat(rig.raw.heard).noneMatch(message -> message instanceof Recent);
    assertThat(rig.delivered).containsExactly("one");

    BroadcastDigest more = theirs.with(new BroadcastId(rig.origin.id(), rig.base + 2));
    rig.honest.run(now -> rig.machine.compare(now, rig.stranger.ref(), more));
    rig.run(2);
    assertThat(rig.raw.heard)
        .anyMatch(message -> message instanceof Recent recent && recent.answer());
  }

  @Test
  void anOriginThatSendsTooManyIsRefused() {
    int most = 2 * BroadcastConfig.DEFAULT.perSecond() * 4;
    rig.stranger.run(
        now -> {
          for (int i = 1; i <= most + 100; i++) {
            rig.raw.effects.send(
                rig.honest.ref(), new Task(rig.content(i, 1, "x"), rig.leaf(), 20 * SECOND));
          }
        });
    rig.run(0.2);
    assertThat(rig.delivered.size()).isBetween(most, most + 99);
    assertThat(rig.machine.statistics().refused()).isPositive();
    assertThat(rig.raw.heard)
        .anyMatch(
            message ->
                message instanceof Declined declined
                    && declined.refusal().equals(Optional.of(ErrorCode.BUSY)));
  }

  @Test
  void whatTheRingTellsIsPassedOnWhenTheBudgetHasRoomForIt() {
    rig.honest.publish(
        new RingView(
            rig.honest.ref(),
            true,
            2,
            List.of(rig.stranger.ref()),
            List.of(rig.stranger.ref()),
            List.of()));
    rig.run(0.001);
    rig.spendable = 0;
    byte[] news = {1};
    rig.honest.run(now -> rig.machine.broadcast(now, 0, news, now + 20 * SECOND, report -> {}));
    rig.run(1);
    assertThat(rig.raw.heard).noneMatch(Task.class::isInstance);
    assertThat(rig.machine.statistics().tasks()).isZero();
    rig.spendable = 1;
    rig.run(0.8);
    assertThat(rig.raw.heard).filteredOn(Task.class::isInstance).hasSize(1);
    assertThat(rig.machine.statistics().repeated()).isZero();
  }

  @Test
  void aPeerThatIsNoMemberYetTakesTheContentAndDeclinesTheRest() {
    SimulatedPeer newcomer = rig.simulation.peer("newcomer");
    newcomer.host(
        new BroadcastCodec(),
        effects ->
            new Broadcaster(
                effects,
                BroadcastConfig.DEFAULT,
                LoneBroadcaster.SEALS,
                (from, topic, bytes) -> Optional.empty()));
    rig.stranger.run(
        now ->
            rig.raw.effects.send(
                newcomer.ref(),
                new Task(
                    rig.content(1, 1, "one"),
                    Intervals.allBut(rig.origin.id().position()),
                    20 * SECOND)));
    rig.run(0.2);
    assertThat(rig.raw.heard)
        .singleElement()
        .isInstanceOfSatisfying(
            Declined.class, declined -> assertThat(declined.refusal()).isEmpty());
    // The third waits for the second, and is not called taken.
    rig.raw.heard.clear();
    rig.stranger.run(
        now ->
            rig.raw.effects.send(
                newcomer.ref(),
                new Task(
                    rig.content(3, 1, "three"),
                    Intervals.allBut(rig.origin.id().position()),
                    20 * SECOND)));
    rig.run(0.2);
    assertThat(rig.raw.heard)
        .singleElement()
        .isInstanceOfSatisfying(
            Declined.class,
            declined -> assertThat(declined.refusal()).contains(ErrorCode.NOT_READY));
  }

  @Test
  void whatIsOverIsADigestOfAMinuteAndThenOneNumberForEachOrigin() {
    for (int i = 1; i <= 500; i++) {
      rig.task(rig.content(i, i, "x"), rig.leaf());
    }
    rig.run(30);
    assertThat(rig.machine.statistics().open()).isZero();
    assertThat(rig.machine.statistics().kept()).isGreaterThan(250);
    rig.run(61);
    rig.honest.run(rig.machine::digest);
    assertThat(rig.machine.statistics().kept()).isZero();
    rig.task(rig.content(3, 1, "again"), rig.leaf());
    assertThat(rig.delivered).hasSize(500);
  }
}
