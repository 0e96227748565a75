// The client's session against a scripted peer: requests, credits, uploads, the end.
package dev.p2pkit.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Done;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientSessionTest {
  private static final Message MESSAGE =
      new Message(
          new Source.OfClient(),
          new Destination.OfSession(Key.of(5)),
          "p",
          Payload.bytes(new byte[] {1}),
          Optional.empty());

  private final List<SessionMessage> sent = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Object> received = new ArrayList<>();
  private final List<NetworkEvent> events = new ArrayList<>();
  private boolean full;
  private final ClientSession session =
      new ClientSession(
          message -> {
            if (!full) {
              sent.add(message);
            }
            return !full;
          },
          8,
          4,
          events::add);

  private final ClientSession.Sink sink =
      new ClientSession.Sink() {
        @Override
        public void opened() {
          received.add("opened");
        }

        @Override
        public void message(Message message) {
          received.add(message);
        }

        @Override
        public void ended(Optional<Outcome.Failed> failure) {
          received.add(failure.map(Outcome.Failed::code));
        }
      };

  private <T extends SessionMessage> T last(Class<T> type) {
    return type.cast(sent.get(sent.size() - 1));
  }

  private void ask() {
    session.request(
        1_000, false, id -> new Query(id, 900, Question.RING, Key.ZERO, "", ""), outcomes::add);
  }

  @Test
  void anAnswerFindsItsRequest() {
    ask();
    ask();
    long first = ((Query) sent.get(0)).id();
    long second = ((Query) sent.get(1)).id();
    assertThat(session.onMessage(new Failed(second, ErrorCode.NO_ROUTE, "far"))).isEmpty();
    assertThat(session.onMessage(new Done(first, true, new SessionResult.Nothing()))).isEmpty();
    assertThat(outcomes)
        .containsExactly(
            new Outcome.Failed(ErrorCode.NO_ROUTE, "far"),
            new Outcome.Answered(List.of(new SessionResult.Nothing())));
    assertThat(session.onMessage(new Done(99, true, new SessionResult.Nothing()))).isEmpty();
    assertThat(session.strays()).isEqualTo(1);
  }

  @Test
  void aPeerThatAnswersOneRequestWithoutEndIsCutOff() {
    ask();
    long id = last(Query.class).id();
    Payload large = Payload.bytes(new byte[1 << 20]);
    SessionResult part = new SessionResult.Past(List.of(large));
    Optional<String> complaint = Optional.empty();
    int parts = 0;
    while (complaint.isEmpty() && parts < 1_000) {
      complaint = session.onMessage(new Done(id, false, part));
      parts++;
    }
    assertThat(complaint).hasValue("a peer answers one request without end");
    assertThat(parts).isBetween(16, 32);
    assertThat(outcomes)
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
    assertThat(session.open()).isZero();

    // Empty parts are not for nothing either.
    ask();
    SessionResult empty = new SessionResult.Peers(List.of());
    long next = last(Query.class).id();
    for (parts = 0; session.onMessage(new Done(next, false, empty)).isEmpty(); parts++) {
      assertThat(parts).isLessThan(200_000);
    }
  }

  @Test
  void aRequestThatDoesNotLeaveIsNotDelivered() {
    full = true;
    ask();
    full = false;
    for (int i = 0; i < 5; i++) {
      ask();
    }
    assertThat(outcomes).hasSize(2);
    assertThat(outcomes)
        .allSatisfy(
            outcome -> assertThat(((Outcome.Failed) outcome).code()).isEqualTo(ErrorCode.BUSY));
    session.close("the link broke");
    ask();
    assertThat(((Outcome.Failed) outcomes.get(6)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(session.open()).isZero();
  }

  private long proxy() {
    long subscription = session.subscribe(1_000, Feed.PROXY, "p", sink);
    session.onMessage(new Done(last(Subscribe.class).id(), true, new SessionResult.Nothing()));
    return subscription;
  }

  @Test
  void whatArrivesAtAProxyIsAcknowledgedAtOnceAndGrantedWhenTaken() {
    long proxy = proxy();
    assertThat(((Subscribe) sent.get(0)).credit()).isEqualTo(8);
    session.onMessage(new Deliver(proxy, 1, MESSAGE));
    assertThat(last(Credit.class)).isEqualTo(new Credit(proxy, 0, 1));
    session.onMessage(new Deliver(proxy, 2, MESSAGE));
    session.consumed(proxy, 1);
    assertThat(last(Credit.class)).isEqualTo(new Credit(proxy, 0, 2));
    session.consumed(proxy, 1);
    assertThat(last(Credit.class)).isEqualTo(new Credit(proxy, 2, 2));
    assertThat(received).containsExactly("opened", MESSAGE, MESSAGE);
  }

  @Test
  void aPeerThatExceedsItsCreditOrSkipsANumberIsReported() {
    long proxy = proxy();
    assertThat(session.onMessage(new Deliver(proxy, 2, MESSAGE))).isPresent();
    for (int number = 1; number <= 8; number++) {
      assertThat(session.onMessage(new Deliver(proxy, number, MESSAGE))).isEmpty();
    }
    assertThat(session.onMessage(new Deliver(proxy, 9, MESSAGE))).isPresent();
    assertThat(session.onMessage(new Open(1, Optional.empty()))).isPresent();
  }

  @Test
  void creditThatFindsNoRoomIsSentLaterInOnePiece() {
    long proxy = proxy();
    for (int number = 1; number <= 4; number++) {
      session.onMessage(new Deliver(proxy, number, MESSAGE));
    }
    sent.clear();
    full = true;
    session.consumed(proxy, 2);
    session.consumed(proxy, 2);
    session.onMessage(new Deliver(proxy, 5, MESSAGE));
    assertThat(sent).isEmpty();
    full = false;
    session.onTick(1);
    assertThat(sent).containsExactly(new Credit(proxy, 4, 5));
  }

  @Test
  void aRefusedSubscriptionEndsItsSinkAndLateDeliveriesAreCounted() {
    long refused = session.subscribe(1_000, Feed.STREAM, "s", sink);
    session.onMessage(new Failed(last(Subscribe.class).id(), ErrorCode.UNAUTHORISED, "no"));
    assertThat(received).containsExactly(Optional.of(ErrorCode.UNAUTHORISED));
    session.onMessage(new Deliver(refused, 1, MESSAGE));
    assertThat(session.strays()).isEqualTo(1);
    long ended = proxy();
    session.unsubscribe(ended);
    assertThat(last(Ended.class).subscription()).isEqualTo(ended);
    session.onMessage(new Deliver(ended, 1, MESSAGE));
    assertThat(session.strays()).isEqualTo(2);
  }

  @Test
  void anEventOfTheSessionItselfCostsNoCredit() {
    NetworkEvent slow = new NetworkEvent.SlowConsumer("p", 3);
    session.onMessage(new Event(0, 0, slow));
    assertThat(events).containsExactly(slow);
    assertThat(sent).isEmpty();
  }

  @Test
  void anArchiveLeavesWhenItIsWantedAndNeverRunsFarAhead() {
    byte[] content = new byte[1_000_000];
    new Random(3).nextBytes(content);
    session.install(10_000, 9_000, new byte[] {1}, Archive.of(content), outcomes::add);
    Install install = (Install) sent.remove(0);
    assertThat(install.size()).isEqualTo(content.length);
    session.onTick(1);
    assertThat(sent).as("nothing leaves unasked").isEmpty();

    ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    session.onMessage(new Progress(install.id(), 0));
    while (!sent.isEmpty()) {
      assertThat(sent.size() * Chunk.MAX_BYTES).isLessThanOrEqualTo(Upload.WINDOW);
      Chunk chunk = (Chunk) sent.remove(0);
      assertThat(chunk.offset()).isEqualTo(arrived.size());
      arrived.writeBytes(chunk.content());
      assertThat(session.onMessage(new Progress(install.id(), arrived.size()))).isEmpty();
    }
    assertThat(arrived.toByteArray()).isEqualTo(content);
    session.onMessage(new Done(install.id(), true, new SessionResult.Nothing()));
    assertThat(outcomes).hasSize(1);
  }

  @Test
  void aPeerThatClaimsToHaveWhatWasNotSentIsReported() {
    session.install(10_000, 9_000, new byte[] {1}, Archive.of(new byte[1_000_000]), outcomes::add);
    long id = last(Install.class).id();
    assertThat(session.onMessage(new Progress(id, 5))).isPresent();
    assertThat(session.onMessage(new Progress(id, 1_000_000)))
        .as("a peer that has the archive already")
        .isEmpty();
  }

  @Test
  void anUploadGoesOnWhenTheLinkHasRoomAgainAndStopsAtItsDeadline() {
    session.install(10_000, 9_000, new byte[] {1}, Archive.of(new byte[1_000_000]), outcomes::add);
    long id = last(Install.class).id();
    sent.clear();
    full = true;
    session.onMessage(new Progress(id, 0));
    full = false;
    session.onTick(2);
    assertThat(sent).isNotEmpty();
    session.onTick(10_000);
    assertThat(((Outcome.Failed) outcomes.get(0)).code()).isEqualTo(ErrorCode.DELIVERY_UNKNOWN);
    sent.clear();
    session.onMessage(new Progress(id, Chunk.MAX_BYTES));
    assertThat(sent).isEmpty();
  }

  @Test
  void closingEndsCallsByWhatTheyMayHaveDone() {
    ask();
    session.request(
        1_000,
        true,
        id ->
            new SessionMessage.Call(
                id,
                1,
                SessionMessage.TargetKind.PEER,
                new PeerId(Key.of(1)).position(),
                "a",
                true,
                false,
                false,
                Optional.empty(),
                Payload.bytes(new byte[0])),
        outcomes::add);
    session.close("the link broke");
    assertThat(outcomes)
        .extracting(outcome -> ((Outcome.Failed) outcome).code())
        .containsExactly(ErrorCode.CLOSED, ErrorCode.DELIVERY_UNKNOWN);
  }
}
