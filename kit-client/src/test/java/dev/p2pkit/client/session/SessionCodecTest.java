// Every message of a session survives its frame; anything else is refused, never misread.
package dev.p2pkit.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.session.SessionMessage.Call;
import dev.p2pkit.client.session.SessionMessage.Chunk;
import dev.p2pkit.client.session.SessionMessage.Close;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Done;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Failed;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Install;
import dev.p2pkit.client.session.SessionMessage.Open;
import dev.p2pkit.client.session.SessionMessage.Opened;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.client.session.SessionMessage.Query;
import dev.p2pkit.client.session.SessionMessage.Question;
import dev.p2pkit.client.session.SessionMessage.Resume;
import dev.p2pkit.client.session.SessionMessage.Spread;
import dev.p2pkit.client.session.SessionMessage.Subscribe;
import dev.p2pkit.client.session.SessionMessage.TargetKind;
import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.BroadcastReport;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.PeerInfo;
import dev.p2pkit.sdk.ServiceFigures;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.Source;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionCodecTest {
  private static final SessionCodec CODEC = new SessionCodec();
  private static final Key KEY = new Key(-1, 7);
  private static final PeerId PEER = new PeerId(new Key(3, -4));
  private static final Payload BODY = Payload.bytes(new byte[] {1, 2, 3});

  private static List<SessionMessage> all() {
    List<SessionMessage> all = new ArrayList<>();
    all.add(new Open(1, Optional.empty()));
    all.add(new Open(1, Optional.of(new Resume(KEY, Key.of(9)))));
    all.add(new Opened(KEY, Key.of(9), PEER, 1000));
    for (TargetKind kind : TargetKind.values()) {
      all.add(
          new Call(1, 1_000, kind, KEY, "äccess point", true, false, true, Optional.empty(), BODY));
    }
    all.add(
        new Call(
            -1,
            600_000_000,
            TargetKind.KEY,
            KEY,
            "x".repeat(255),
            false,
            true,
            false,
            Optional.of("2.0"),
            BODY));
    all.add(new Spread(2, 5, "all", Optional.of("2.0"), BODY));
    for (Question question : Question.values()) {
      all.add(new Query(3, 7, question, KEY, "name", "2"));
    }
    all.add(new Subscribe(4, 1, Feed.STREAM, "s", 256));
    all.add(new Subscribe(5, 2, Feed.EVENTS, "", 1));
    all.add(new Subscribe(6, 3, Feed.PROXY, "p", 4_096));
    all.add(new Ended(3, Optional.empty(), ""));
    all.add(new Ended(3, Optional.of(ErrorCode.SLOW_CONSUMER), "too slow"));
    all.add(new Credit(3, 12, 99));
    all.add(new Progress(7, 48 << 10));
    all.add(new Failed(8, ErrorCode.MIGRATION_FAILED, "the state"));
    all.add(new Close(ErrorCode.VERSION_SKEW, "update"));
    results().forEach(result -> all.add(new Done(9, true, result)));
    for (Source source : List.of(new Source.OfPeer(PEER), new Source.OfClient())) {
      for (Destination destination :
          List.of(
              new Destination.OfKey(KEY),
              new Destination.OfPeer(PEER),
              new Destination.OfSession(KEY))) {
        all.add(
            new Deliver(
                1,
                2,
                new Message(
                    source,
                    destination,
                    "ap",
                    BODY,
                    Optional.of(Address.ofSession(KEY, "answers")))));
      }
    }
    events().forEach(event -> all.add(new Event(0, 0, event)));
    return all;
  }

  private static List<SessionResult> results() {
    PeerInfo info =
        new PeerInfo(
            PEER,
            "host",
            4711,
            PEER,
            List.of(PEER),
            List.of(KEY),
            List.of("counter/1 2.0"),
            List.of(
                new ServiceFigures(
                    "counter", "1", "2.0", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
            Map.of("site", "lab"),
            new PeerInfo.Statistics(false, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, Map.of("BUSY", 12L)));
    ServiceStatus.OnPeer on =
        new ServiceStatus.OnPeer(
            PEER, ServiceStatus.Phase.FAILED, 2, "2.0", "ab".repeat(32), 17, "why", 99);
    return List.of(
        new SessionResult.Nothing(),
        new SessionResult.Past(List.of(Payload.bytes(new byte[] {1, 2}))),
        new SessionResult.Acknowledged(PEER, true),
        new SessionResult.Reply(BODY),
        new SessionResult.Reached(
            new BroadcastReport(
                3,
                Set.of(PEER),
                Map.of(PEER, ErrorCode.BUSY),
                List.of(new BroadcastReport.Arc(KEY, Key.of(1))),
                true,
                Set.of(PEER),
                Duration.ofMillis(12))),
        new SessionResult.Peers(List.of(info, info)),
        new SessionResult.Services(
            List.of(
                new ServiceStatus(
                    "counter", "1", 2, "2.0", "a".repeat(64), "b", true, false, List.of(on)))),
        new SessionResult.Updated(new UpdateReport("counter", 2, List.of(on), List.of(PEER))),
        new SessionResult.Registered(Optional.empty()),
        new SessionResult.Registered(Optional.of(BODY)));
  }

  private static List<NetworkEvent> events() {
    return List.of(
        new NetworkEvent.Alone(),
        new NetworkEvent.Connected(PEER),
        new NetworkEvent.NewPredecessor(PEER),
        new NetworkEvent.NewSuccessor(PEER),
        new NetworkEvent.NewSuccessorList(List.of(PEER, PEER)),
        new NetworkEvent.NewRoutingTable(20),
        new NetworkEvent.PeerJoined(PEER),
        new NetworkEvent.PeerLeft(PEER),
        new NetworkEvent.PeerFailed(PEER),
        new NetworkEvent.ClientAttached(KEY),
        new NetworkEvent.ClientDetached(KEY),
        new NetworkEvent.Disconnected(PEER, "gone"),
        new NetworkEvent.SlowConsumer("p", 3),
        new NetworkEvent.Rejected("unreachable"),
        new NetworkEvent.IdentityClash("192.0.2.1:7400", true, "stop one of the two"),
        new NetworkEvent.BroadcastsMissed(PEER, 3),
        new NetworkEvent.PeerBanned(PEER, "spam", "00ff"),
        new NetworkEvent.BanLifted(PEER, "00ff"),
        new NetworkEvent.PartitionSuspected(30, 12),
        new NetworkEvent.Merged(KEY, KEY, 3, 4),
        new NetworkEvent.ObserverAttached(PEER),
        new NetworkEvent.ObserverDetached(PEER),
        new NetworkEvent.ConnectionOpened(PEER, "log"),
        new NetworkEvent.ConnectionClosed(PEER, "log", 2),
        new NetworkEvent.LinkOpened(PEER),
        new NetworkEvent.LinkClosed(PEER, 4),
        new NetworkEvent.ServiceInstalled("counter", "1", 1),
        new NetworkEvent.ServiceUpgraded("counter", "1", 2),
        new NetworkEvent.ServiceReverted("counter", "1", 1, 3),
        new NetworkEvent.ServiceForked("counter", "1", 2),
        new NetworkEvent.ServiceStateDamaged("counter", "1", "x.damaged-1", false, "a check"),
        new NetworkEvent.NameLost("counter", "counter@00"));
  }

  private static byte[] encode(SessionMessage message) {
    WireWriter out = new WireWriter(16);
    CODEC.encode(message, out);
    return out.toBytes();
  }

  @Test
  void everyMessageSurvives() {
    for (SessionMessage message : all()) {
      int type = CODEC.typeOf(message);
      assertThat(type).isBetween(CODEC.firstType(), CODEC.lastType());
      assertThat(CODEC.handles(message)).isTrue();
      assertThat(CODEC.decode(type, new WireReader(encode(message)))).isEqualTo(message);
    }
  }

  @Test
  void everyEventHasAFrame() {
    assertThat(events().stream().map(Object::getClass).distinct())
        .hasSize(NetworkEvent.class.getPermittedSubclasses().length);
  }

  @Test
  void archivesSurviveAndTravelOnTheBulkChannel() {
    Install install = new Install(1, 5, new byte[] {4, 5}, "0a".repeat(32), 77);
    Install read = (Install) CODEC.decode(CODEC.typeOf(install), new WireReader(encode(install)));
    assertThat(read).usingRecursiveComparison().isEqualTo(install);
    Chunk chunk = new Chunk(1, 48 << 10, new byte[] {4, 5});
    assertThat(CODEC.channelOf(CODEC.typeOf(chunk))).isEqualTo(Channel.BULK);
    assertThat(CODEC.decode(CODEC.typeOf(chunk), new WireReader(encode(chunk))))
        .usingRecursiveComparison()
        .isEqualTo(chunk);
  }

  @Test
  void aFrameThatEndsTooEarlyIsRefused() {
    for (SessionMessage message : all()) {
      byte[] whole = encode(message);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> CODEC.decode(CODEC.typeOf(message), new WireReader(cut)))
            .as("%s cut to %d bytes", message, length)
            .isInstanceOf(WireException.class);
      }
    }
  }

  @Test
  void bytesThatAreNoMessageAreRefusedAndNothingElseHappens() {
    Random random = new Random(11);
    List<SessionMessage> all = all();
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      SessionMessage message = all.get(random.nextInt(all.size()));
      byte[] bytes = encode(message);
      for (int change = 0; change <= random.nextInt(4) && bytes.length > 0; change++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int type = random.nextInt(10) == 0 ? 0x70 + random.nextInt(16) : CODEC.typeOf(message);
      try {
        CODEC.decode(type, new WireReader(bytes));
      } catch (WireException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void boundsAreCheckedBeforeAnythingIsAllocated() {
    WireWriter huge = new WireWriter(64).i64(1).i32(0).i32(Integer.MAX_VALUE);
    assertThatThrownBy(() -> CODEC.decode(0x79, new WireReader(huge.toBytes())))
        .isInstanceOf(WireException.class);
    byte[] zeroId = encode(new Progress(1, 1));
    Arrays.fill(zeroId, 0, 8, (byte) 0);
    assertThatThrownBy(() -> CODEC.decode(0x7A, new WireReader(zeroId)))
        .hasMessageContaining("never 0");
  }
}
