// What a neighbour may send to a router though no honest one would, and what it gains by it:
// nothing.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.SortedPeers;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.routing.RoutedFrame.Arc;
import dev.p2pkit.overlay.routing.RoutedFrame.KeyQuery;
import dev.p2pkit.overlay.routing.RoutedFrame.Returned;
import dev.p2pkit.overlay.routing.RoutedFrame.Routed;
import dev.p2pkit.overlay.routing.RoutedFrame.Taken;
import dev.p2pkit.overlay.routing.RoutingFrame.Answer;
import dev.p2pkit.overlay.routing.RoutingFrame.Query;
import dev.p2pkit.overlay.routing.RoutingFrame.SettleQuery;
import dev.p2pkit.overlay.routing.RoutingFrame.Settled;
import dev.p2pkit.overlay.routing.RoutingFrame.Verdict;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostileNeighbourTest {
  private static final PeerRef HERE = ref(100, 7);
  private static final PeerRef HONEST = ref(200, 3);
  private static final PeerRef LIAR = ref(300, 4);
  private static final PeerRef THIRD = ref(400, 5);

  /** Of an arc that ends at HERE. */
  private static final Key OWN = Key.of(90);

  private static final byte[] BODY = new byte[100];

  private record Sent(PeerRef to, WireMessage message) {}

  private final List<Sent> sent = new ArrayList<>();
  private final List<Inbound> delivered = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private Router router = router(RouterConfig.DEFAULT);

  private static PeerRef ref(long position, long incarnation) {
    return new PeerRef(
        new PeerId(Key.of(position)), new Endpoint("host", (int) position), incarnation);
  }

  private Router router(RouterConfig config) {
    Router made =
        new Router(
            config,
            new StillEffects(HERE) {

              @Override
              public void send(PeerRef to, WireMessage message) {
                sent.add(new Sent(to, message));
              }
            },
            delivered::add);
    List<PeerRef> others = List.of(HONEST, LIAR, THIRD);
    made.start(0);
    made.onView(0, new RingView(HERE, true, 1, List.of(THIRD), List.of(HONEST), others));
    others.forEach(peer -> made.onLink(0, peer, LinkEvent.UP));
    return made;
  }

  private static Envelope message(PeerId origin, long id, PeerRef pinned, int hops) {
    return message(origin, id, id, pinned, hops);
  }

  private static Envelope message(
      PeerId origin, long id, long lowestOpen, PeerRef pinned, int hops) {
    return new Envelope(
        origin,
        id,
        lowestOpen,
        0,
        true,
        pinned.equals(HERE) ? OWN : pinned.id().position(),
        pinned.id(),
        pinned.incarnation(),
        1,
        hops,
        "ap",
        0,
        0,
        5_000_000,
        new byte[0],
        Optional.empty(),
        BODY);
  }

  private static Routed routed(PeerRef origin, Key key, List<PeerId> path) {
    return routed(origin, key, 10, path);
  }

  private static Routed routed(PeerRef origin, Key key, long id, List<PeerId> path) {
    Envelope free =
        new Envelope(
            origin.id(),
            id,
            10,
            0,
            true,
            key,
            new PeerId(key),
            0,
            1,
            10,
            "ap",
            0,
            0,
            5_000_000,
            new byte[0],
            Optional.empty(),
            BODY);
    return new Routed(free, 0, 0, 1_000, path);
  }

  private static Answer answer(PeerRef owner, long id, Verdict verdict, Optional<PeerRef> hint) {
    return new Answer(
        HERE.id(), owner.id(), id, 1, verdict, 0, ErrorCode.NOT_READY, hint, new byte[0]);
  }

  private void come(PeerRef from, WireMessage message) {
    sent.clear();
    router.onMessage(1_000, from, message);
  }

  private <T extends WireMessage> List<T> sent(Class<T> type) {
    return sent.stream().map(Sent::message).filter(type::isInstance).map(type::cast).toList();
  }

  private long call(PeerRef owner) {
    Draft draft = Draft.toKey(owner.id().position(), "ap", 0, BODY, 5_000_000);
    return router.open(1_000, draft, outcomes::add);
  }

  @Test
  void anAnswerByOneThatHasNotHadTheMessageIsNotBelieved() {
    long id = call(HONEST);
    come(LIAR, answer(HONEST, id, Verdict.PROCESSED, Optional.empty()));
    come(LIAR, answer(HONEST, id, Verdict.REFUSED, Optional.of(LIAR)));
    assertThat(outcomes).isEmpty();
    assertThat(router.statistics().dropped())
        .containsEntry("answer by a peer that has not had the message", 2L);
    come(HONEST, answer(HONEST, id, Verdict.PROCESSED, Optional.empty()));
    assertThat(outcomes).hasSize(1).first().isInstanceOf(Outcome.Acknowledged.class);
  }

  @Test
  void anArcThatHoldsAPeerThatIsKnownIsNotRemembered() {
    SortedPeers known = SortedPeers.of(List.of(HERE, HONEST, LIAR, THIRD));
    router.onView(
        0,
        RingView.partial(
            HERE, true, 2, List.of(THIRD), List.of(HONEST), known, Key.of(90), Key.of(100)));
    claim(290, 150);
    assertThat(pinned(180)).as("an arc with a known peer in it").isEmpty();
    claim(290, 250);
    assertThat(pinned(260)).containsExactly(LIAR.id());
  }

  /** The liar answers a message for a key of its own, and says that its arc begins there. */
  private void claim(long key, long from) {
    Draft draft = Draft.toKey(Key.of(key), "ap", 0, BODY, 5_000_000);
    long id = router.open(1_000, draft, outcomes::add);
    Arc arc = new Arc(LIAR, Key.of(from), 1, 1_000_000);
    Answer answer = answer(LIAR, id, Verdict.PROCESSED, Optional.empty());
    int before = outcomes.size();
    come(LIAR, new Returned(answer, 0, false, 1, Optional.of(arc), List.of()));
    assertThat(outcomes).hasSize(before + 1);
  }

  /** To whom a message for a key goes at once, as the owner. */
  private List<PeerId> pinned(long key) {
    sent.clear();
    Draft draft = Draft.toKey(Key.of(key), "ap", 0, BODY, 5_000_000);
    long unused = router.open(1_000, draft, outcomes::add);
    return sent(Envelope.class).stream().map(Envelope::pinned).toList();
  }

  @Test
  void nothingIsRelayedForAnotherThanItsSender() {
    come(LIAR, message(HONEST.id(), 10, THIRD, 1));
    come(LIAR, new Query(THIRD.id(), HONEST.id(), 10, 1, 10));
    come(
        LIAR,
        new Answer(
            THIRD.id(),
            HONEST.id(),
            10,
            1,
            Verdict.PROCESSED,
            0,
            ErrorCode.NOT_READY,
            Optional.empty(),
            new byte[0]));
    assertThat(sent).isEmpty();
    assertThat(router.statistics().dropped())
        .containsEntry("relayed for another than its sender", 3L);
    come(HONEST, message(HONEST.id(), 10, THIRD, 1));
    assertThat(sent(Envelope.class)).hasSize(1);
  }

  @Test
  void aMessageWithoutAPinMustNameItsSenderAsTheLastThatHadIt() {
    come(LIAR, routed(HONEST, OWN, List.of()));
    come(LIAR, routed(HONEST, OWN, List.of(LIAR.id(), THIRD.id())));
    assertThat(sent).isEmpty();
    assertThat(delivered).isEmpty();
    come(LIAR, keyQuery(HONEST, List.of(), 5));
    assertThat(sent).isEmpty();
    assertThat(router.statistics().dropped()).containsEntry("names another than its sender", 3L);
  }

  @Test
  void aMessageThatHasBeenHereBeforeIsNotTakenAgain() {
    come(LIAR, routed(HONEST, Key.of(250), List.of(HERE.id(), LIAR.id())));
    assertThat(sent(Taken.class)).hasSize(1).first().matches(taken -> !taken.taken());
    assertThat(sent(Routed.class)).isEmpty();
  }

  private static KeyQuery keyQuery(PeerRef origin, List<PeerId> path, int hops) {
    return new KeyQuery(origin.id(), 10, 1, 10, Key.of(250), Optional.empty(), hops, path);
  }

  @Test
  void aQuestionThatHasComeFarIsNotMadeTooLongForTheNextToRead() {
    List<PeerId> path = new ArrayList<>();
    for (int i = 1; i < RoutedFrame.MOST_HOPS; i++) {
      path.add(ref(1_000 + i, 1).id());
    }
    path.add(LIAR.id());
    come(LIAR, keyQuery(HONEST, path, 16));
    assertThat(sent).isEmpty();
    path.remove(0);
    come(LIAR, keyQuery(HONEST, path, 16));
    assertThat(sent(KeyQuery.class)).hasSize(1);
  }

  @Test
  void aHintDoesNotMoveAPeerToAnotherAddressNorMakeUpAProcess() {
    long id = call(LIAR);
    PeerRef forged = new PeerRef(HONEST.id(), new Endpoint("elsewhere", 1), 999);
    come(LIAR, answer(LIAR, id, Verdict.REFUSED, Optional.of(forged)));
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).to()).isEqualTo(HONEST);
    assertThat(sent(Envelope.class).get(0).pinnedIncarnation()).isEqualTo(HONEST.incarnation());
  }

  @Test
  void aMadeUpProcessOfAPeerThatNobodyKnowsYieldsToWhatItsLinkProves() {
    long id = call(LIAR);
    PeerRef real = ref(350, 2);
    PeerRef forged = new PeerRef(real.id(), real.endpoint(), 999);
    come(LIAR, answer(LIAR, id, Verdict.REFUSED, Optional.of(forged)));
    router.onLink(2_000, real, LinkEvent.UP);
    come(real, new RoutingFrame.Knock());
    Draft draft = Draft.toPeer(real.id(), "ap", 0, BODY, 5_000_000);
    sent.clear();
    long unused = router.open(3_000, draft, outcomes::add);
    assertThat(sent(Envelope.class).get(0).pinnedIncarnation()).isEqualTo(2);
  }

  @Test
  void oneNeighbourTakesHalfOfTheMemoryAtMost() {
    router = router(RouterConfig.DEFAULT.withMemory(100, 1 << 20, 100));
    for (int i = 1; i <= 500; i++) {
      come(LIAR, message(LIAR.id(), i, 1, HERE, 0));
    }
    assertThat(delivered).hasSizeBetween(45, 55);
    delivered.clear();
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    assertThat(delivered).hasSize(1);
  }

  @Test
  void madeUpOriginsOfOneNeighbourDoNotKeepOthersOut() {
    router = router(RouterConfig.DEFAULT.withMemory(1_000, 1 << 20, 100));
    for (int i = 0; i < 500; i++) {
      come(LIAR, message(ref(1_000 + i, 1).id(), 10, HERE, 0));
      come(LIAR, new Query(HERE.id(), ref(5_000 + i, 1).id(), 10, 1, 10));
    }
    assertThat(router.statistics().dropped().get("too many origins")).isGreaterThan(400);
    // Even one whose name the liar has used counts for itself as soon as it comes itself.
    come(LIAR, message(HONEST.id(), 9, HERE, 0));
    delivered.clear();
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    assertThat(delivered).hasSize(1);
  }

  private static Settled below(long mark) {
    return new Settled(mark, new long[0]);
  }

  /** What a liar hands over with an arc: of each origin one thing that is closed, and entries. */
  private record Lies(List<PeerId> origins, long closedBelow, int each)
      implements ArcLedger.Memories {
    @Override
    public long order() {
      return 0;
    }

    @Override
    public void forEachAccepted(Key after, Key upTo, long since, ArcLedger.Visitor visitor) {
      for (PeerId origin : origins) {
        visitor.origin(origin, below(closedBelow), 540_000_000);
        for (int i = 0; i < each; i++) {
          visitor.accepted(origin, 100 + i, OWN, LIAR);
        }
      }
    }

    @Override
    public boolean close(PeerId origin, Settled closed, long straysFor) {
      return true;
    }

    @Override
    public boolean remember(PeerId origin, long id, Key key, PeerRef acceptor) {
      return true;
    }

    void hand(Router to) {
      Key after = Key.of(50);
      Key upTo = HERE.id().position();
      for (byte[] part : new ArcLedger(this).copy(after, upTo, 0, 65_536).orElseThrow().parts()) {
        boolean unused = to.arcMemory(0).take(after, upTo, part);
      }
    }
  }

  @Test
  void whoHandsAnArcOverClosesNothingThatOnlyThisPeerMayAccept() {
    new Lies(List.of(HONEST.id()), 20, 0).hand(router);
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    assertThat(delivered).hasSize(1);
    come(HONEST, routed(HONEST, OWN, 11, List.of(HONEST.id())));
    assertThat(delivered).as("a copy that another may have taken").hasSize(1);
    assertThat(router.statistics().dropped()).containsEntry("closed before it came", 1L);
  }

  @Test
  void whatAnArcsGiverSaysIsClosedCountsUntilItsOriginIsHeard() {
    new Lies(List.of(HONEST.id()), Long.MAX_VALUE, 0).hand(router);
    come(HONEST, routed(HONEST, OWN, 11, List.of(HONEST.id())));
    assertThat(delivered).isEmpty();
    assertThat(sent).filteredOn(each -> each.message() instanceof SettleQuery).hasSize(1);
    come(HONEST, below(11));
    come(HONEST, routed(HONEST, OWN, 12, List.of(HONEST.id())));
    assertThat(delivered).as("after one round trip").hasSize(1);

    // What its origin has closed itself stays so.
    come(HONEST, routed(HONEST, OWN, 10, List.of(HONEST.id())));
    assertThat(delivered).hasSize(1);
  }

  @Test
  void anAnswerFromBeforeAnArcCameDoesNotOpenWhatItsGiverSaysIsClosed() {
    OriginMemory memory = new OriginMemory(new OriginMemory.Total(), new OriginMemory.Total());
    memory.strayUntil = 1_000;
    memory.asked(1);
    memory.told(below(20));
    memory.settle(below(10));
    assertThat(memory.isStray(15, 0)).as("it was on its way").isTrue();
    memory.asked(1);
    memory.settle(below(20));
    assertThat(memory.isStray(25, 0)).isFalse();
    assertThat(memory.isClosed(15)).isTrue();

    // What was asked over a link that is gone is not answered any more.
    memory.asked(1);
    memory.told(below(90));
    memory.asked(2);
    memory.settle(below(30));
    assertThat(memory.isStray(80, 0)).isFalse();
  }

  @Test
  void whoHandsAnArcOverLeavesRoomForOthers() {
    router = router(RouterConfig.DEFAULT.withMemory(1_000, 1 << 20, 100));
    List<PeerId> origins = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      origins.add(ref(1_000 + i, 1).id());
    }
    origins.add(HONEST.id());
    new Lies(List.of(HONEST.id()), 1, 1_000).hand(router);
    new Lies(origins, 1, 100).hand(router);
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    assertThat(delivered).hasSize(1);
  }

  @Test
  void aQuestionByAnotherThanTheOriginClosesNothing() {
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    come(LIAR, new Query(HERE.id(), HONEST.id(), 1_000, 1, 1_000));
    come(LIAR, new KeyQuery(HONEST.id(), 1_000, 1, 1_000, OWN, Optional.empty(), 5, path(LIAR)));
    come(HONEST, message(HONEST.id(), 10, HERE, 0));
    assertThat(sent(Answer.class))
        .hasSize(1)
        .first()
        .matches(answer -> answer.verdict() == Verdict.ACCEPTED);
    come(HONEST, message(HONEST.id(), 11, HERE, 0));
    assertThat(delivered).hasSize(2);
  }

  private static List<PeerId> path(PeerRef last) {
    return List.of(last.id());
  }

  @Test
  void whoAsksAllTheTimeWhichCallsAreOpenIsAnsweredNowAndThen() {
    int answers = 0;
    for (int i = 0; i < 1_000; i++) {
      come(LIAR, new SettleQuery());
      answers += sent(Settled.class).size();
    }
    assertThat(answers).isEqualTo(1);
  }

  @Test
  void whatWaitsToBePassedOnIsBoundedInAllInBytesAndForEachNeighbour() {
    Passing passing = new Passing(RouterConfig.DEFAULT.withMemory(10, 1_000, 10));
    Neighbour one = new Neighbour(LIAR);
    Neighbour two = new Neighbour(HONEST);
    Envelope envelope = message(LIAR.id(), 1, THIRD, 1);
    int taken = 0;
    while (passing.hasRoom(one, envelope) && taken < 100) {
      passing.add(one, envelope);
      taken++;
    }
    assertThat(taken).isEqualTo(5);
    assertThat(passing.hasRoom(two, envelope)).isTrue();
    for (int i = 0; i < 5; i++) {
      passing.add(two, envelope);
    }
    assertThat(passing.hasRoom(two, envelope)).isFalse();
    passing.remove(one, envelope);
    assertThat(passing.hasRoom(one, envelope)).isTrue();
  }
}
