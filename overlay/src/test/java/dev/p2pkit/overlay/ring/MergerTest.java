// What one peer makes of it when its neighbours count somebody in whom it takes for dead.
package dev.p2pkit.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastDigest;
import dev.p2pkit.overlay.broadcast.BroadcastListener;
import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.broadcast.Broadcaster;
import dev.p2pkit.overlay.lease.RenewalAnswer;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.ring.MemberNews.Kind;
import dev.p2pkit.overlay.ring.MembershipMessage.Records;
import dev.p2pkit.overlay.ring.MergeMessage.Hail;
import dev.p2pkit.overlay.ring.RingMessage.Stabilise;
import dev.p2pkit.overlay.ring.RingMessage.StabiliseAnswer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MergerTest {
  private static final long SECOND = 1_000_000;
  private static final int SELF = 5;

  private record Sent(PeerRef to, WireMessage message) {}

  private static final BroadcastListener NOBODY =
      new BroadcastListener() {
        @Override
        public Optional<ErrorCode> onBroadcast(PeerRef origin, int topic, byte[] payload) {
          return Optional.empty();
        }
      };

  private final SplittableRandom random = new SplittableRandom(3);
  private final List<Sent> sent = new ArrayList<>();
  private final List<PeerRef> members = new ArrayList<>();
  private RingCore core;

  /** A ring that is too large for speakers. */
  @BeforeEach
  void form() {
    for (int i = 0; i < 200; i++) {
      PeerId id = new PeerId(new Key(random.nextLong(), random.nextLong()));
      members.add(new PeerRef(id, new Endpoint("host", 1), 1));
    }
    members.sort(Comparator.comparing(PeerRef::id));
    Meter meter =
        new Meter(
            new StillEffects(members.get(SELF), random) {
              @Override
              public void send(PeerRef to, WireMessage message) {
                sent.add(new Sent(to, message));
              }
            });
    Broadcaster broadcaster =
        new Broadcaster(meter, RingConfig.DEFAULT.broadcast(), BroadcastSeals.UNSIGNED, NOBODY);
    FormedRing formed = FormedRing.of(members);
    core =
        new RingCore(
            RingConfig.DEFAULT,
            meter,
            new DeafListener(),
            now -> BroadcastDigest.NONE,
            new UnionBroadcast(broadcaster, now -> 0),
            BroadcastSeals.UNSIGNED,
            formed);
    core.start();
    core.form(0, formed);
    sent.clear();
  }

  private PeerRef dies(int place, Kind kind) {
    PeerRef ref = members.get(place);
    core.learn(SECOND, new MemberNews(kind, ref, 0));
    assertThat(core.table.isGone(ref)).isTrue();
    return ref;
  }

  /** Somebody who was taken for dead asks whether there are two rings. */
  private void ringsMeet(long now) {
    PeerRef stranger = dies(100, Kind.FAILED);
    core.merger.onHail(now, stranger, new Hail(members.get(100), false));
    assertThat(core.merger.uniting(now)).isTrue();
  }

  private long asked(PeerRef peer) {
    return sent.stream()
        .filter(each -> each.to().id().equals(peer.id()) && each.message() instanceof Hail)
        .count();
  }

  @Test
  void whoWasTakenForDeadIsAskedOnceAndStaysSoUntilThen() {
    PeerRef dead = dies(20, Kind.FAILED);
    assertThat(core.merger.takesBack(2 * SECOND, dead)).isFalse();
    assertThat(core.merger.takesBack(3 * SECOND, dead)).isFalse();
    assertThat(asked(dead)).isEqualTo(1);
    assertThat(core.merger.takesBack(20 * SECOND, dead)).isFalse();
    assertThat(asked(dead)).isEqualTo(2);
  }

  @Test
  void whileRingsUniteTheDeathIsTakenBackAtOnce() {
    PeerRef dead = dies(20, Kind.FAILED);
    ringsMeet(2 * SECOND);
    assertThat(core.merger.takesBack(3 * SECOND, dead)).isTrue();
    assertThat(core.table.known(dead.id())).contains(MemberNews.alive(dead, 1));
    assertThat(asked(dead)).isZero();
  }

  @Test
  void longAfterRingsHaveMetItIsAskedAgain() {
    PeerRef dead = dies(20, Kind.FAILED);
    ringsMeet(2 * SECOND);
    assertThat(core.merger.takesBack(40 * SECOND, dead)).isFalse();
    assertThat(asked(dead)).isEqualTo(1);
  }

  @Test
  void aDeathThatIsFoundWhileRingsUniteIsNotTakenBackUnasked() {
    ringsMeet(2 * SECOND);
    PeerRef dead = members.get(20);
    core.deaths.declare(3 * SECOND, dead);
    assertThat(core.merger.takesBack(4 * SECOND, dead)).isFalse();
    assertThat(asked(dead)).isEqualTo(1);
  }

  @Test
  void whoHasLeftIsNotAskedEither() {
    PeerRef gone = dies(20, Kind.LEFT);
    assertThat(core.merger.takesBack(2 * SECOND, gone)).isFalse();
    ringsMeet(2 * SECOND);
    assertThat(core.merger.takesBack(3 * SECOND, gone)).isFalse();
    assertThat(core.table.isGone(gone)).isTrue();
    assertThat(asked(gone)).isZero();
  }

  @Test
  void ofAnyOtherNothingIsTakenBack() {
    PeerRef alive = members.get(20);
    PeerRef unknown = new PeerRef(new PeerId(new Key(1, 1)), new Endpoint("host", 1), 1);
    assertThat(core.merger.takesBack(2 * SECOND, alive)).isFalse();
    assertThat(core.merger.takesBack(2 * SECOND, unknown)).isFalse();
    assertThat(sent).isEmpty();
  }

  @Test
  void atMostTenAreAskedInASecond() {
    for (int i = 0; i < 30; i++) {
      PeerRef dead = dies(20 + i, Kind.FAILED);
      assertThat(core.merger.takesBack(2 * SECOND, dead)).isFalse();
    }
    assertThat(sent.stream().filter(each -> each.message() instanceof Hail).count()).isEqualTo(10);
  }

  @Test
  void whomTheSuccessorTakesForItsPredecessorIsAskedThoughItWasTakenForDead() {
    PeerRef between = dies(SELF + 1, Kind.FAILED);
    PeerRef successor = members.get(SELF + 2);
    core.stabiliser.tick(2 * SECOND);
    Stabilise question =
        sent.stream()
            .map(Sent::message)
            .filter(Stabilise.class::isInstance)
            .map(Stabilise.class::cast)
            .reduce((first, last) -> last)
            .orElseThrow();
    core.stabiliser.onAnswer(
        2 * SECOND,
        successor,
        new StabiliseAnswer(
            question.sequence(),
            0,
            Optional.of(between),
            0,
            List.of(),
            0,
            core.notice(),
            BroadcastDigest.NONE,
            RenewalAnswer.of(RenewalAnswer.Verdict.GRANTED, 77)));
    assertThat(asked(between)).isEqualTo(1);
    assertThat(core.table.isGone(between)).isTrue();
  }

  @Test
  void deathsOnTheirWaySinceTheCutAreNotBelievedWhileRingsUnite() {
    PeerRef living = members.get(30);
    MemberNews death = new MemberNews(Kind.FAILED, living, 0);
    assertThat(core.merger.disbelieves(SECOND, death)).isFalse();
    ringsMeet(2 * SECOND);
    assertThat(core.merger.disbelieves(3 * SECOND, death)).isTrue();
    assertThat(core.merger.disbelieves(40 * SECOND, death)).isFalse();
    MemberNews since = TableUnion.deathSince(MemberNews.alive(living, 0));
    assertThat(core.merger.disbelieves(3 * SECOND, since)).isFalse();
  }

  /** What this peer answers to one that compares tables and says this. */
  private List<MemberNews> answers(long now, MemberNews said) {
    sent.clear();
    PeerRef teller = members.get(50);
    Coverage all = Coverage.EVERYTHING;
    core.comparison.onRecords(
        now, teller, new Records(all.bits(), all.first(), new BitSet(), List.of(said)));
    return sent.stream()
        .filter(each -> each.to().equals(teller) && each.message() instanceof Records)
        .flatMap(each -> ((Records) each.message()).news().stream())
        .toList();
  }

  private static PeerRef next(PeerRef process) {
    return new PeerRef(process.id(), process.endpoint(), process.incarnation() + 1);
  }

  @Test
  void theDeathOfAProcessThatCameAfterTheKnownOneIsNotTakenBackWhileRingsUnite() {
    ringsMeet(2 * SECOND);
    PeerRef known = members.get(30);
    MemberNews death = new MemberNews(Kind.FAILED, next(known), 8);
    assertThat(answers(3 * SECOND, death)).isEmpty();
    assertThat(core.table.isGone(known)).isTrue();
  }

  @Test
  void whoBelievesAProcessAliveAfterWhichAnotherDiedIsToldThatHoweverOftenItWasTakenBack() {
    PeerRef earlier = members.get(30);
    MemberNews death = new MemberNews(Kind.FAILED, next(earlier), 8);
    core.learn(SECOND, death);
    assertThat(answers(2 * SECOND, MemberNews.alive(earlier, 5_000))).containsExactly(death);
  }
}
