// A client that breaks the rules harms nobody but itself.
package dev.p2pkit.peer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Opened;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Resume;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.client.ticket.ClientTicket;
import dev.p2pkit.client.ticket.Right;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.ClientAdmission;
import dev.p2pkit.overlay.transport.ClientGreeting;
import dev.p2pkit.overlay.transport.ClientLink;
import dev.p2pkit.overlay.transport.Identity;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HostileClientTest {
  private static final OwnerKey OWNER = OwnerKey.generate();

  private static Archive archive(int size) {
    return Archive.of(new byte[size]);
  }

  private static byte[] record(Archive archive) {
    return ServiceRecord.first(OWNER, "counter", "1", Edition.of(archive, "1.0", true, true), 1_000)
        .encoded();
  }

  /** The end of a link that a test plays the client on. */
  private static final class Line implements ClientLink {
    final List<SessionMessage> sent = new CopyOnWriteArrayList<>();
    final Key key;
    volatile boolean full;
    volatile boolean closed;

    Line(long key) {
      this.key = Key.of(key);
    }

    @Override
    public Key clientKey() {
      return key;
    }

    @Override
    public String remoteAddress() {
      return "test";
    }

    @Override
    public boolean send(WireMessage message) {
      return !full && !closed && sent.add((SessionMessage) message);
    }

    @Override
    public void close(String reason) {
      closed = true;
    }

    SessionMessage last() {
      return sent.get(sent.size() - 1);
    }

    ErrorCode closedWith() {
      assertThat(closed).isTrue();
      return sent.stream()
          .filter(Close.class::isInstance)
          .map(message -> ((Close) message).code())
          .findFirst()
          .orElseThrow();
    }
  }

  private final Identity identity = Identity.ephemeral();
  private final MemoryNetwork network = new MemoryNetwork(identity.id(), Runnable::run);
  private final Gateway gateway =
      new Gateway(
          identity,
          "p2pkit",
          true,
          new GatewayConfig(16, 64 << 10, 64 << 10, 8, 8, 2, 10_000),
          network,
          Runnable::run,
          new Gateway.SessionListener() {
            @Override
            public void attached(Key session) {}

            @Override
            public void detached(Key session) {}
          },
          Clock.systemUTC());

  private Line attach(long key) {
    Line line = new Line(key);
    String ticket =
        gateway
            .issue(List.of(new Endpoint("127.0.0.1", 1)), Right.all(), Duration.ofHours(1))
            .text();
    assertThat(gateway.admitClient(new ClientGreeting(line.key, ticket, "test")))
        .isEqualTo(ClientAdmission.accept());
    gateway.onClientUp(line);
    return line;
  }

  private Line open(long key) {
    Line line = attach(key);
    gateway.onClientMessage(line, new Open(1, Optional.empty()));
    assertThat(line.last()).isInstanceOf(Opened.class);
    return line;
  }

  @Test
  void ticketsOfOthersAreRefused() {
    Identity other = Identity.ephemeral();
    for (ClientTicket ticket :
        List.of(issue(other, "p2pkit"), issue(identity, "another network"))) {
      assertThat(gateway.admitClient(new ClientGreeting(Key.of(1), ticket.text(), "test")))
          .isInstanceOfSatisfying(
              ClientAdmission.Refused.class,
              refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.BAD_TICKET);
                assertThat(refused.detail()).contains("./p2pkit ticket");
              });
    }
    assertThat(gateway.admitClient(new ClientGreeting(Key.of(1), "nonsense", "test")))
        .isInstanceOf(ClientAdmission.Refused.class);
    Line unknown = new Line(5);
    gateway.onClientUp(unknown);
    assertThat(unknown.closed).as("never admitted").isTrue();
  }

  private static ClientTicket issue(Identity peer, String network) {
    return ClientTicket.issue(
        List.of(new Endpoint("127.0.0.1", 1)),
        peer,
        network,
        true,
        Right.all(),
        Clock.systemUTC().instant().plusSeconds(60),
        new byte[16]);
  }

  @Test
  void aSessionBeginsWithAnOpeningThatThisVersionKnows() {
    Line early = attach(1);
    gateway.onClientMessage(early, new Progress(1, 1));
    assertThat(early.closed).isTrue();
    Line newer = attach(2);
    gateway.onClientMessage(newer, new Open(2, Optional.empty()));
    assertThat(newer.closedWith()).isEqualTo(ErrorCode.VERSION_SKEW);
    Line resumed = attach(3);
    gateway.onClientMessage(resumed, new Open(1, Optional.of(new Resume(Key.of(1), Key.of(2)))));
    assertThat(resumed.closedWith()).isEqualTo(ErrorCode.SESSION_EXPIRED);
    assertThat(gateway.sessions()).isEmpty();
  }

  @Test
  void aMessageThatOnlyPeersSendEndsTheSession() {
    Line line = open(1);
    gateway.onClientMessage(line, new Progress(1, 1));
    assertThat(line.closedWith()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void anAcknowledgementOfWhatWasNotSentEndsTheSession() {
    Line line = open(1);
    gateway.onClientMessage(line, new Subscribe(1, 1, Feed.PROXY, "p", 1));
    gateway.onClientMessage(line, new Credit(1, 0, 1));
    assertThat(line.closedWith()).isEqualTo(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void oneSessionsMisdeedsLeaveTheOthersAlone() {
    Line bad = open(1);
    Line good = open(2);
    gateway.onClientMessage(bad, new Progress(1, 1));
    gateway.onClientDown(bad, "closed");
    gateway.onClientMessage(good, new Query(1, 1_000, Question.SERVICES, Key.ZERO, "", ""));
    assertThat(good.last()).isInstanceOf(SessionMessage.Done.class);
    assertThat(gateway.sessions()).hasSize(1);
  }

  private void install(Line line, long id, int size, long micros) {
    Archive archive = archive(size);
    gateway.onClientMessage(line, new Install(id, micros, record(archive), archive.hash(), size));
  }

  private static ErrorCode failure(Line line, long id) {
    return line.sent.stream()
        .filter(message -> message instanceof Failed failed && failed.id() == id)
        .map(message -> ((Failed) message).code())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anArchiveThatIsNotTheAnnouncedOneIsRefused() {
    Line line = open(1);
    install(line, 1, 3, 1_000_000);
    assertThat(line.last()).isEqualTo(new Progress(1, 0));
    gateway.onClientMessage(line, new Chunk(1, 0, new byte[] {1, 2, 3}));
    assertThat(failure(line, 1)).isEqualTo(ErrorCode.BAD_ARCHIVE);
    byte[] record = record(archive(3));
    String other = archive(4).hash();
    gateway.onClientMessage(line, new Install(2, 1_000_000, record, other, 0));
    assertThat(failure(line, 2)).isEqualTo(ErrorCode.BAD_ARCHIVE);
    gateway.onClientMessage(line, new Install(3, 1_000_000, record, other, 3));
    assertThat(failure(line, 3)).isEqualTo(ErrorCode.BAD_ARCHIVE);
    record[record.length - 1] ^= 1;
    gateway.onClientMessage(line, new Install(4, 1_000_000, record, archive(3).hash(), 3));
    assertThat(failure(line, 4)).isEqualTo(ErrorCode.BAD_SIGNATURE);
    gateway.onClientMessage(line, new Install(5, 1_000_000, new byte[] {1}, archive(3).hash(), 3));
    assertThat(failure(line, 5)).isEqualTo(ErrorCode.BAD_SIGNATURE);
    assertThat(network.archives).isEmpty();
  }

  @Test
  void chunksOutOfOrderOrTooLongEndTheInstall() {
    Line line = open(1);
    install(line, 1, 100_000, 1_000_000);
    gateway.onClientMessage(line, new Chunk(1, 5, new byte[5]));
    assertThat(failure(line, 1)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    install(line, 2, 3, 1_000_000);
    gateway.onClientMessage(line, new Chunk(2, 0, new byte[4]));
    assertThat(failure(line, 2)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    int before = line.sent.size();
    gateway.onClientMessage(line, new Chunk(99, 0, new byte[4]));
    assertThat(line.sent).as("nobody waits for that one").hasSize(before);
  }

  @Test
  void uploadsAreBoundedAndGivenUpAtTheirDeadlineOrWithTheirClient() {
    Line first = open(1);
    Line second = open(2);
    install(first, 1, 1_000, 1);
    install(second, 1, 1_000, 60_000_000);
    install(second, 2, 1_000, 60_000_000);
    assertThat(failure(second, 2)).isEqualTo(ErrorCode.BUSY);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              gateway.tick();
              assertThat(failure(first, 1)).isEqualTo(ErrorCode.TIMEOUT);
            });
    install(second, 3, 1_000, 60_000_000);
    assertThat(second.last()).isEqualTo(new Progress(3, 0));
    gateway.onClientDown(second, "gone");
    install(first, 4, 1_000, 60_000_000);
    install(first, 5, 1_000, 60_000_000);
    assertThat(first.last()).isEqualTo(new Progress(5, 0));
  }

  @Test
  void aClientThatDoesNotReadItsAnswersIsCutOff() {
    Line line = open(1);
    line.full = true;
    for (int i = 1; i < 1_000 && !line.closed; i++) {
      gateway.onClientMessage(line, new Query(i, 1_000, Question.SERVICES, Key.ZERO, "", ""));
    }
    assertThat(line.closed).isTrue();
  }

  @Test
  void aFeedThatThePeerRefusesFailsAlone() {
    Line line = open(1);
    gateway.onClientMessage(line, new Subscribe(1, 1, Feed.STREAM, "$info", 1));
    assertThat(failure(line, 1)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    gateway.onClientMessage(line, new Subscribe(2, 2, Feed.STREAM, "session/x", 1));
    assertThat(failure(line, 2)).isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
    gateway.onClientMessage(line, new Subscribe(3, 3, Feed.PROXY, "p".repeat(201), 1));
    assertThat(failure(line, 3)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(line.closed).isFalse();
  }

  @Test
  void aCallThatThrowsIsAFailedCall() {
    network.receivers.put(
        "broken",
        message -> {
          throw new IllegalStateException("broken");
        });
    Line line = open(1);
    gateway.onClientMessage(
        line,
        new SessionMessage.Call(
            7,
            1_000,
            SessionMessage.TargetKind.KEY,
            Key.of(1),
            "broken",
            true,
            false,
            false,
            Optional.empty(),
            Payload.bytes(new byte[0])));
    assertThat(failure(line, 7)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(line.closed).isFalse();
  }
}
