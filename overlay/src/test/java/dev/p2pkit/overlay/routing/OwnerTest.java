// The owner's side alone, frame by frame, as a transcript.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.Holding;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnerTest {
  private static final PeerRef HERE = ref(100, 7);
  private static final PeerRef ORIGIN = ref(200, 3);
  private static final PeerRef RELAY = ref(300, 4);
  private static final byte[] BODY = {1, 2, 3};

  private final List<WireMessage> sent = new ArrayList<>();
  private final List<PeerRef> sentTo = new ArrayList<>();
  private final List<Inbound> delivered = new ArrayList<>();
  private Router router = new Router(RouterConfig.DEFAULT, new Script(), delivered::add);

  private static PeerRef ref(long position, long incarnation) {
    return new PeerRef(
        new PeerId(Key.of(position)), new Endpoint("host", (int) position), incarnation);
  }

  private final class Script extends StillEffects {
    Script() {
      super(HERE);
    }

    @Override
    public void send(PeerRef to, WireMessage message) {
      sent.add(message);
      sentTo.add(to);
    }
  }

  @BeforeEach
  void begin() {
    router.start(0);
    see(1, true);
    router.onLink(0, ORIGIN, LinkEvent.UP);
    router.onLink(0, RELAY, LinkEvent.UP);
  }

  /** Key 90 is this peer's if its predecessor is another than 95. */
  private void see(long version, boolean owns) {
    PeerRef before = owns ? RELAY : ref(95, 1);
    router.onView(
        0,
        new RingView(
            HERE, true, version, List.of(before), List.of(ORIGIN), List.of(ORIGIN, RELAY, before)));
  }

  private static Envelope message(long id, int attempt, long lowestOpen, long after) {
    return new Envelope(
        ORIGIN.id(),
        id,
        lowestOpen,
        after,
        true,
        Key.of(90),
        HERE.id(),
        HERE.incarnation(),
        attempt,
        0,
        "ap",
        Envelope.RPC,
        0,
        5_000_000,
        new byte[0],
        Optional.empty(),
        BODY);
  }

  private Answer receive(Envelope envelope) {
    sent.clear();
    router.onMessage(1_000, ORIGIN, envelope);
    return sent.isEmpty() ? null : (Answer) sent.get(sent.size() - 1);
  }

  @Test
  void aRefusedMessageStaysRefusedThoughItsOwnerHasChangedItsMind() {
    see(2, false);
    Answer first = receive(message(10, 1, 10, 0));
    assertThat(first.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(first.hint())
        .hasValueSatisfying(hint -> assertThat(hint.id()).isEqualTo(ref(95, 1).id()));
    see(3, true);
    assertThat(receive(message(10, 1, 10, 0)).verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(delivered).isEmpty();
    receive(message(10, 2, 10, 0));
    assertThat(delivered).hasSize(1);
  }

  @Test
  void aRepeatedMessageIsAnsweredAgainAndNotDeliveredAgain() {
    receive(message(10, 1, 10, 0));
    assertThat(receive(message(10, 1, 10, 0)).verdict()).isEqualTo(Verdict.ACCEPTED);
    router.complete(2_000, delivered.get(0), new Outcome.Acknowledged(HERE.id(), true, 4));
    assertThat(receive(message(10, 1, 10, 0)).verdict()).isEqualTo(Verdict.PROCESSED);
    router.complete(3_000, delivered.get(0), new Outcome.Replied(HERE.id(), BODY, 4));
    Answer again = receive(message(10, 1, 10, 0));
    assertThat(again.verdict()).isEqualTo(Verdict.REPLIED);
    assertThat(again.body()).isEqualTo(BODY);
    assertThat(again.epoch()).isEqualTo(4);
    assertThat(delivered).hasSize(1);
  }

  @Test
  void aMuteTurnIsNotInProgressOnceItHasEndedAndALaterReplyCountsOnce() {
    receive(message(10, 1, 10, 0));
    receive(message(11, 1, 10, 0));
    assertThat(router.statistics().inProgress()).isEqualTo(2);
    router.complete(2_000, delivered.get(0), new Outcome.Acknowledged(HERE.id(), true, 4));
    router.complete(2_000, delivered.get(0), new Outcome.Acknowledged(HERE.id(), true, 4));
    assertThat(router.statistics().inProgress()).isEqualTo(1);
    router.complete(3_000, delivered.get(0), new Outcome.Replied(HERE.id(), BODY, 4));
    assertThat(router.statistics().inProgress()).isEqualTo(1);
    router.complete(3_000, delivered.get(1), new Outcome.Replied(HERE.id(), BODY, 4));
    assertThat(router.statistics().inProgress()).isZero();
  }

  @Test
  void whatTheOriginHasClosedIsNeverDeliveredHoweverLateItComes() {
    receive(message(20, 1, 20, 0));
    router.complete(2_000, delivered.get(0), new Outcome.Replied(HERE.id(), BODY, 0));
    receive(message(30, 1, 25, 0));
    assertThat(delivered).hasSize(2);
    Answer late = receive(message(20, 1, 20, 0));
    assertThat(late.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(late.code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(delivered).hasSize(2);
    assertThat(router.statistics().remembered()).isEqualTo(1);
  }

  @Test
  void whatIsClosedIsNotOpenedAgainByAnOlderWordOfItsOriginThatWasOvertaken() {
    for (long id = 20; id < 23; id++) {
      receive(message(id, 1, 20, 0));
    }
    // Said before 20 had ended, it comes after a message that was sent when it had.
    RoutingFrame.Settled overtaken = new RoutingFrame.Settled(31, new long[] {20, 22, 30});
    receive(message(30, 1, 22, 0));
    router.onMessage(2_000, ORIGIN, overtaken);
    assertThat(delivered).hasSize(4);
    assertThat(receive(message(20, 1, 20, 0)).code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(receive(message(22, 1, 20, 0)).verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(delivered).hasSize(4);
    assertThat(router.statistics().remembered()).isEqualTo(2);
  }

  @Test
  void settlingForgetsAllButTheExceptions() {
    for (long id = 10; id < 20; id++) {
      receive(message(id, 1, 10, 0));
      router.complete(
          2_000, delivered.get(delivered.size() - 1), new Outcome.Replied(HERE.id(), BODY, 0));
    }
    assertThat(router.statistics().remembered()).isEqualTo(10);
    router.onMessage(3_000, ORIGIN, new RoutingFrame.Settled(20, new long[] {12, 15}));
    assertThat(router.statistics().remembered()).isEqualTo(2);
    assertThat(receive(message(12, 1, 10, 0)).verdict()).isEqualTo(Verdict.REPLIED);
    assertThat(receive(message(13, 1, 10, 0)).verdict()).isEqualTo(Verdict.FAILED);
    // Open at the origin, pinned here for the first time only now.
    router.onMessage(3_000, ORIGIN, new RoutingFrame.Settled(25, new long[] {24}));
    receive(message(24, 2, 24, 0));
    assertThat(delivered).hasSize(11);
  }

  @Test
  void aMessageWhosePredecessorWasNotAcceptedIsRefused() {
    assertThat(receive(message(11, 1, 10, 10)).verdict()).isEqualTo(Verdict.OUT_OF_ORDER);
    receive(message(10, 1, 10, 0));
    receive(message(11, 2, 10, 10));
    assertThat(delivered).extracting(inbound -> inbound.envelope().id()).containsExactly(10L, 11L);
    // Of a closed predecessor nothing is left to wait for.
    receive(message(31, 1, 31, 30));
    assertThat(delivered).hasSize(3);
  }

  @Test
  void aMessageForAnEarlierProcessOfThisPeerIsNotTaken() {
    Envelope earlier =
        new Envelope(
            ORIGIN.id(),
            10,
            10,
            0,
            true,
            Key.of(90),
            HERE.id(),
            HERE.incarnation() - 1,
            1,
            0,
            "ap",
            0,
            0,
            5_000_000,
            new byte[0],
            Optional.empty(),
            BODY);
    assertThat(receive(earlier).verdict()).isEqualTo(Verdict.OTHER_PROCESS);
    assertThat(delivered).isEmpty();
  }

  @Test
  void anAnswerGoesBackTheWayTheMessageCameIfThereIsNoOther() {
    router.onLink(0, ORIGIN, LinkEvent.DOWN);
    sent.clear();
    sentTo.clear();
    router.onMessage(1_000, RELAY, message(10, 1, 10, 0));
    router.complete(2_000, delivered.get(0), new Outcome.Replied(HERE.id(), BODY, 0));
    assertThat(sentTo).containsExactly(RELAY);
  }

  @Test
  void whatWasRefusedForWantOfRoomStaysRefusedWhenThereIsRoomAgain() {
    router =
        new Router(RouterConfig.DEFAULT.withMemory(1, 1 << 20, 10), new Script(), delivered::add);
    begin();
    receive(message(10, 1, 10, 0));
    assertThat(receive(message(12, 1, 10, 0)).code()).isEqualTo(ErrorCode.BUSY);
    router.complete(2_000, delivered.get(0), new Outcome.Replied(HERE.id(), BODY, 0));
    // 10 is closed now, so there is room; but the caller of 12 has been told that it did not
    // arrive.
    assertThat(receive(message(12, 1, 11, 0)).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(delivered).hasSize(1);
    receive(message(13, 1, 13, 0));
    assertThat(delivered).hasSize(2);
  }

  @Test
  void anExpiredMessageIsNotDelivered() {
    Envelope live = message(10, 1, 10, 0);
    Envelope expired =
        new Envelope(
            live.origin(),
            live.id(),
            live.lowestOpen(),
            0,
            true,
            live.target(),
            live.pinned(),
            live.pinnedIncarnation(),
            1,
            0,
            "ap",
            0,
            0,
            0,
            new byte[0],
            Optional.empty(),
            BODY);
    assertThat(receive(expired)).isNull();
    assertThat(delivered).isEmpty();
    assertThat(router.statistics().dropped()).containsEntry("too late", 1L);
  }

  /** A message without a pin that left its origin so long ago, on a link whose clock is known. */
  private RoutedFrame.Returned receiveFree(long now, long id, long age) {
    return receiveFree(now, id, age, id);
  }

  private RoutedFrame.Returned receiveFree(long now, long id, long age, long lowestOpen) {
    sent.clear();
    Envelope free =
        new Envelope(
            ORIGIN.id(),
            id,
            lowestOpen,
            0,
            true,
            Key.of(90),
            new PeerId(Key.of(90)),
            0,
            1,
            4,
            "ap",
            Envelope.RPC,
            0,
            5_000_000,
            new byte[0],
            Optional.empty(),
            BODY);
    router.onMessage(now, ORIGIN, new RoutedFrame.Routed(free, 0, age, now, List.of()));
    return sent.stream()
        .filter(RoutedFrame.Returned.class::isInstance)
        .map(RoutedFrame.Returned.class::cast)
        .findFirst()
        .orElse(null);
  }

  @Test
  void aMessageWithoutAPinThatLeftBeforeItsKeyWasHeldIsTooYoungToAcceptAndALaterOneIsNot() {
    Holding holding = new Holding();
    Key after = RELAY.id().position();
    Key here = HERE.id().position();
    Holding.Part part = new Holding.Part(after, here, 500_000);
    holding.set(
        OwnershipMode.STRICT, new Holding.Tenure(after, here, 1, Long.MAX_VALUE, List.of(part)));
    RingView view =
        new RingView(HERE, true, 9, List.of(RELAY), List.of(ORIGIN), List.of(ORIGIN, RELAY));
    router.onView(900_000, view.holding(holding));
    // A frame may have been in the link as long as the link is open, until its clock is known.
    RoutedFrame.Returned unsure = receiveFree(1_000_000, 10, 0);
    assertThat(unsure.answer().verdict()).isEqualTo(Verdict.TOO_YOUNG);
    router.onMessage(1_000_000, ORIGIN, new RoutedFrame.ClockAnswer(999_000, 999_500));
    RoutedFrame.Returned old = receiveFree(1_000_000, 11, 600_000);
    assertThat(old.answer().verdict()).isEqualTo(Verdict.TOO_YOUNG);
    assertThat(delivered).isEmpty();
    assertThat(receiveFree(1_000_000, 12, 100_000)).isNull();
    assertThat(delivered).hasSize(1);
  }

  @Test
  void whoGetsAnArcKnowsWhatIsClosedAlsoAboveTheLowestOpenIdOfItsOrigin() {
    Holding.Part part = new Holding.Part(RELAY.id().position(), HERE.id().position(), 0);
    hold(part);
    router.onMessage(900_000, ORIGIN, new RoutedFrame.ClockAnswer(899_000, 899_500));
    for (long id = 10; id <= 12; id++) {
      assertThat(receiveFree(1_000_000, id, 100, 10)).isNull();
    }
    // 10 goes on for long; 11 has ended and is forgotten, though a copy of it is under way.
    router.onMessage(1_000_000, ORIGIN, new RoutingFrame.Settled(13, new long[] {10, 12}));
    byte[] memory =
        router.arcMemory(1_100_000).give(part.after(), part.upTo(), 0, 4_096).orElseThrow();

    delivered.clear();
    router = new Router(RouterConfig.DEFAULT, new Script(), delivered::add);
    begin();
    hold(part);
    assertThat(router.arcMemory(1_200_000).take(part.after(), part.upTo(), memory)).isTrue();
    router.onMessage(1_200_000, ORIGIN, new RoutedFrame.ClockAnswer(1_199_000, 1_199_500));
    assertThat(receiveFree(1_300_000, 11, 1_000, 10).answer().code())
        .isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    assertThat(receiveFree(1_300_000, 12, 1_000, 10).answer().verdict())
        .isEqualTo(Verdict.ELSEWHERE);
    assertThat(delivered).isEmpty();
    assertThat(receiveFree(1_300_000, 13, 1_000, 10)).isNull();
    assertThat(delivered).hasSize(1);
  }

  private void hold(Holding.Part part) {
    Holding holding = new Holding();
    holding.set(
        OwnershipMode.STRICT,
        new Holding.Tenure(part.after(), part.upTo(), 1, Long.MAX_VALUE, List.of(part)));
    RingView view =
        new RingView(HERE, true, 9, List.of(RELAY), List.of(ORIGIN), List.of(ORIGIN, RELAY));
    router.onView(900_000, view.holding(holding));
  }
}
