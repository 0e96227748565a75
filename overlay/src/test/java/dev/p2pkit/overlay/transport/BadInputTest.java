// What strangers and broken peers send harms nobody else.
package dev.p2pkit.overlay.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
  private static final TransportConfig PLAIN =
      TransportConfig.defaults()
          .withTls(false)
          .withTimes(LinkTimes.defaults().withGreeting(Duration.ofSeconds(2)));

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private TestPeer plain;
  private TestPeer good;

  @BeforeEach
  void start() throws Exception {
    plain = TestPeer.start(vertx, PLAIN);
    good = TestPeer.start(vertx, PLAIN);
    good.connect(plain);
  }

  @AfterEach
  void stop() throws Exception {
    plain.close();
    good.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private long dropped(Drop reason) {
    return plain.transport.statistics().dropped().get(reason);
  }

  /** The link that was up before is up still, and it is the same one. */
  private void assertOthersAreUnharmed() {
    int before = plain.heard.size();
    assertThat(good.send(plain, Note.request(99))).isEqualTo(SendResult.SENT);
    await().until(() -> plain.heard.size() == before + 1);
    assertThat(good.eventsOf(plain.id())).containsExactly(LinkEvent.UP);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MAX_VALUE, (1 << 20) + 1})
  void aLengthOutOfRangeClosesTheLinkWithAReason(int length) throws Exception {
    try (RawPeer raw = RawPeer.dial(plain).greet()) {
      await().until(() -> plain.transport.isUp(raw.identity.id()));
      raw.write(new WireWriter(4).i32(length).toBytes());
      LinkFrame.Goodbye goodbye = raw.readGoodbye().orElseThrow();
      assertThat(goodbye.code()).isEqualTo("PROTOCOL_ERROR");
      assertThat(goodbye.detail()).contains(Integer.toUnsignedString(length));
      assertThat(raw.isClosed()).isTrue();
      await()
          .until(
              () ->
                  plain.eventsOf(raw.identity.id()).equals(List.of(LinkEvent.UP, LinkEvent.DOWN)));
      assertThat(dropped(Drop.PROTOCOL_ERROR)).isEqualTo(1);
    }
    assertOthersAreUnharmed();
  }

  @Test
  void beforeTheGreetingOnlySmallFramesAreTaken() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain)) {
      raw.write(new WireWriter(4).i32(LinkFrame.GREETING_BYTES + 1).toBytes());
      assertThat(raw.readGoodbye()).isPresent();
    }
    try (RawPeer raw = RawPeer.dial(plain)) {
      raw.write(RawPeer.note(1));
      assertThat(raw.readGoodbye().orElseThrow().detail()).contains("before the end");
    }
    assertThat(plain.heard).isEmpty();
    assertOthersAreUnharmed();
  }

  @Test
  void aMalformedMessageClosesOnlyItsLink() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain).greet()) {
      raw.write(RawPeer.note(1));
      raw.write(RawPeer.frame(Note.FIRST_TYPE, new byte[3]));
      raw.write(RawPeer.note(2));
      assertThat(raw.readGoodbye().orElseThrow().detail()).contains("too early");
      await().until(() -> dropped(Drop.PROTOCOL_ERROR) == 1);
      assertThat(plain.numbers()).containsExactly(1L);
    }
    assertOthersAreUnharmed();
  }

  @Test
  void frameTypesThatNobodyReadsAreSkippedAndCounted() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain).greet()) {
      raw.write(RawPeer.frame(0xF7, new byte[100]));
      raw.write(RawPeer.frame(Note.FIRST_TYPE + 9, new byte[100]));
      raw.write(RawPeer.note(1));
      await().until(() -> plain.numbers().equals(List.of(1L)));
      assertThat(dropped(Drop.UNKNOWN_TYPE)).isEqualTo(2);
      assertThat(plain.transport.isUp(raw.identity.id())).isTrue();
    }
  }

  @Test
  void aBulkFrameAboveItsLimitIsRefused() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain).greet()) {
      raw.write(RawPeer.frame(Note.FIRST_TYPE + 2, new byte[LinkLimits.BULK_FRAME_BYTES]));
      assertThat(raw.readGoodbye().orElseThrow().detail()).contains("too large");
    }
  }

  @Test
  void framesMayArriveByteByByteOrInHalves() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain).greet()) {
      for (byte each : RawPeer.note(1)) {
        raw.write(new byte[] {each});
      }
      byte[] note = RawPeer.note(2);
      raw.write(Arrays.copyOf(note, 7));
      await().until(() -> plain.numbers().equals(List.of(1L)));
      raw.write(Arrays.copyOfRange(note, 7, note.length));
      await().until(() -> plain.numbers().equals(List.of(1L, 2L)));
    }
  }

  @Test
  void aHalfFrameAndAClosedSocketIsNoMessage() throws Exception {
    RawPeer raw = RawPeer.dial(plain).greet();
    raw.write(Arrays.copyOf(RawPeer.note(1), 7));
    raw.close();
    await().until(() -> plain.eventsOf(raw.identity.id()).contains(LinkEvent.DOWN));
    assertThat(plain.heard).isEmpty();
  }

  @Test
  void messagesRightBehindTheProofAreNotForgotten() throws Exception {
    // The other side may write before the welcome has been read, in the same segment.
    for (int i = 0; i < 20; i++) {
      TestPeer fresh = TestPeer.start(vertx, PLAIN);
      plain.send(fresh, Note.request(i));
      fresh.send(plain, Note.request(i));
      long number = i;
      await().until(() -> fresh.numbers().equals(List.of(number)));
      fresh.close();
    }
  }

  @Test
  void aConnectionThatNeverGreetsIsClosedInTime() throws Exception {
    try (RawPeer raw = RawPeer.dial(plain)) {
      assertThat(raw.isClosed()).isTrue();
      assertThat(dropped(Drop.GREETING_TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void randomBytesOnAnyPortHarmNobody() throws Exception {
    try (TestPeer secure = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer friend = TestPeer.start(vertx, TransportConfig.defaults())) {
      friend.connect(secure);
      Random random = new Random(5);
      List<Socket> strangers = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        TestPeer victim = i % 2 == 0 ? secure : plain;
        Socket socket = new Socket(victim.endpoint().host(), victim.endpoint().port());
        strangers.add(socket);
        byte[] noise = new byte[1 + random.nextInt(5000)];
        random.nextBytes(noise);
        try {
          socket.getOutputStream().write(noise);
        } catch (java.io.IOException e) {
          // It has been closed already, as it should be.
          assertThat(e).hasMessageMatching("(?i).*(reset|broken|closed|aborted).*");
        }
      }
      friend.send(secure, Note.request(1));
      await().until(() -> secure.numbers().equals(List.of(1L)));
      for (Socket socket : strangers) {
        socket.close();
      }
      await().until(() -> secure.transport.statistics().dropped().get(Drop.HANDSHAKE) > 0);
      assertThat(friend.eventsOf(secure.id())).containsExactly(LinkEvent.UP);
      assertOthersAreUnharmed();
    }
  }

  @Test
  void aBrowserOnTheTlsPortIsTurnedAway() throws Exception {
    try (TestPeer secure = TestPeer.start(vertx, TransportConfig.defaults());
        RawPeer browser = RawPeer.dial(secure)) {
      browser.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      assertThat(browser.isClosed()).isTrue();
      await().until(() -> secure.transport.statistics().dropped().get(Drop.HANDSHAKE) == 1);
    }
  }

  @Test
  void aPeerWithoutTlsOnTheTlsPortIsTurnedAway() throws Exception {
    try (TestPeer secure = TestPeer.start(vertx, TransportConfig.defaults())) {
      plain.send(secure, Note.request(1));
      await().until(() -> plain.eventsOf(secure.id()).equals(List.of(LinkEvent.UNREACHABLE)));
      secure.send(plain, Note.request(1));
      await().until(() -> secure.eventsOf(plain.id()).equals(List.of(LinkEvent.REJECTED)));
      assertThat(secure.events).hasSize(1);
    }
    assertOthersAreUnharmed();
  }

  @Test
  void aGreetingThatWasOverheardOpensNoLinkASecondTime() throws Exception {
    // What a well-behaved dialler said, word for word, on another connection.
    Identity victim = Identity.ephemeral();
    byte[] overheard;
    try (RawPeer raw = RawPeer.dial(plain, victim)) {
      Greeting greeting =
          new Greeting(true, victim, Membership.none(), raw.hello(1, 1), Optional.empty());
      WireWriter said = new WireWriter(256);
      LinkFrame.write(greeting.ownHello(), said);
      raw.write(greeting.ownHello());
      greeting.heard((LinkFrame.Hello) raw.readLinkFrame());
      raw.readLinkFrame();
      LinkFrame.write(greeting.proof(), said);
      overheard = said.toBytes();
    }
    try (RawPeer replay = RawPeer.dial(plain)) {
      replay.write(overheard);
      assertThat(replay.readGoodbye().orElseThrow().code()).isEqualTo("UNAUTHORISED");
      await().until(() -> dropped(Drop.UNAUTHORISED) == 1);
      assertThat(plain.eventsOf(victim.id())).isEmpty();
    }
    assertOthersAreUnharmed();
  }

  @Test
  void aKeyThatIsNotTheDiallersOwnOpensNoLinkInItsName() throws Exception {
    Identity victim = Identity.ephemeral();
    try (RawPeer liar = RawPeer.dial(plain)) {
      LinkFrame.Hello own = liar.hello(1, 1);
      liar.write(
          new LinkFrame.Hello(
              own.oldest(),
              own.newest(),
              own.role(),
              own.network(),
              own.nonce(),
              new Bytes(victim.rawPublicKey()),
              own.address(),
              own.direct(),
              own.incarnation(),
              own.lock(),
              own.signature(),
              own.ticket(),
              own.lease()));
      liar.readLinkFrame();
      liar.readLinkFrame();
      liar.write(
          new LinkFrame.Proof(
              new Bytes(liar.identity.sign(new byte[] {1})), LinkFrame.Proof.NONE, Bytes.EMPTY));
      assertThat(liar.readGoodbye().orElseThrow().code()).isEqualTo("UNAUTHORISED");
      assertThat(plain.eventsOf(victim.id())).isEmpty();
      assertThat(plain.transport.isUp(victim.id())).isFalse();
    }
    assertOthersAreUnharmed();
  }

  @Test
  void theAddressOfAThirdPartyIsDialledInVainAndHarmsNobody() throws Exception {
    try (TestPeer third = TestPeer.start(vertx, PLAIN)) {
      // The liar says that it can be dialled where another peer listens.
      PeerRef liar = new PeerRef(Identity.ephemeral().id(), third.endpoint(), 1);
      assertThat(plain.transport.send(liar, Note.request(1))).isEqualTo(SendResult.QUEUED);
      await().until(() -> plain.eventsOf(liar.id()).equals(List.of(LinkEvent.REJECTED)));
      assertThat(third.heard).isEmpty();
      assertThat(third.events).isEmpty();
      // And the third party can be used as before.
      plain.send(third, Note.request(2));
      await().until(() -> third.numbers().equals(List.of(2L)));
    }
    assertOthersAreUnharmed();
  }

  @Test
  void aGreetingThatComesByteByByteEndsWhenItsTimeIsOver() throws Exception {
    try (RawPeer slow = RawPeer.dial(plain)) {
      WireWriter hello = new WireWriter(256);
      LinkFrame.write(slow.hello(1, 1), hello);
      byte[] bytes = hello.toBytes();
      int next = 0;
      // One byte of it now and then would keep a time-out between bytes from ever ending it.
      while (dropped(Drop.GREETING_TIMEOUT) == 0) {
        if (next < bytes.length - 1) {
          try {
            slow.write(new byte[] {bytes[next++]});
          } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken|closed|aborted).*");
            next = bytes.length;
          }
        }
        LockSupport.parkNanos(20_000_000);
      }
      assertThat(slow.isClosed()).isTrue();
    }
    assertOthersAreUnharmed();
  }

  @Test
  void connectionsThatOnlyWaitAreBounded() throws Exception {
    TransportConfig narrow =
        PLAIN.withLimits(new LinkLimits(1 << 20, 1 << 20, 1 << 20, 1 << 20, 8, 8, 4, 8, 100, 8, 8));
    try (TestPeer peer = TestPeer.start(vertx, narrow)) {
      List<RawPeer> idle = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        idle.add(RawPeer.dial(peer));
      }
      await().until(() -> peer.transport.statistics().dropped().get(Drop.TOO_MANY) >= 4);
      idle.forEach(RawPeer::close);
      await().untilAsserted(() -> RawPeer.dial(peer).greet().close());
    }
  }

  @Test
  void oneAddressTakesItsShareOfPlacesAndNoMore() throws Exception {
    TransportConfig narrow = PLAIN.withLimits(LinkLimits.defaults().withSource(3, 1_000));
    try (TestPeer peer = TestPeer.start(vertx, narrow)) {
      List<RawPeer> idle = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        idle.add(RawPeer.dialFrom("127.0.0.2", peer));
      }
      await().until(() -> peer.transport.statistics().dropped().get(Drop.SOURCE) == 5);
      // Another address is not concerned.
      RawPeer.dialFrom("127.0.0.3", peer).greet().close();
      idle.forEach(RawPeer::close);
      await()
          .ignoreExceptions()
          .untilAsserted(() -> RawPeer.dialFrom("127.0.0.2", peer).greet().close());
      assertThat(peer.transport.statistics().dropped().get(Drop.TOO_MANY)).isZero();
    }
  }

  @Test
  void anAddressThatDialsWithoutEndIsRefused() throws Exception {
    TransportConfig narrow = PLAIN.withLimits(LinkLimits.defaults().withSource(128, 2));
    try (TestPeer peer = TestPeer.start(vertx, narrow)) {
      for (int i = 0; i < 60; i++) {
        RawPeer.dialFrom("127.0.0.2", peer).close();
      }
      await().until(() -> peer.transport.statistics().dropped().get(Drop.SOURCE) > 0);
      RawPeer.dialFrom("127.0.0.3", peer).greet().close();
      await()
          .ignoreExceptions()
          .untilAsserted(() -> RawPeer.dialFrom("127.0.0.2", peer).greet().close());
    }
  }

  @Test
  void allAddressesOfAnIpv6NetworkAreOneSource() {
    assertThat(Sources.nameOf("2001:db8:1:2::1")).isEqualTo(Sources.nameOf("2001:db8:1:2:3:4:5:6"));
    assertThat(Sources.nameOf("2001:db8:1:2::1")).isNotEqualTo(Sources.nameOf("2001:db8:1:3::1"));
    assertThat(Sources.nameOf("192.0.2.1")).isNotEqualTo(Sources.nameOf("192.0.2.2"));
    assertThat(Sources.nameOf("::ffff:192.0.2.1")).isEqualTo(Sources.nameOf("192.0.2.1"));
    Sources sources = new Sources(1, 1);
    for (int i = 0; i < 10_000; i++) {
      assertThat(sources.begin("10." + (i >> 8) + "." + (i & 0xFF) + ".1", i)).isTrue();
      sources.end("10." + (i >> 8) + "." + (i & 0xFF) + ".1");
    }
    assertThat(sources.begin("10.0.0.1", 1)).isTrue();
    assertThat(sources.begin("10.0.0.1", 1)).isFalse();
  }
}
