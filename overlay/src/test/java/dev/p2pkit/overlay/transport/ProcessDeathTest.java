// What counts as the death of a peer's process, and what does not.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.transport.TestPeer.Event;
import dev.p2pkit.overlay.transport.TestPeer.Rival;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessDeathTest {
  private static final TransportConfig CONFIG = TransportConfig.defaults();

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());
  private final Identity identity = Identity.ephemeral();
  private TestPeer one;

  @BeforeEach
  void start() throws Exception {
    one = TestPeer.start(vertx, CONFIG);
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private TestPeer process(long incarnation, Optional<Key> lock) throws Exception {
    return process(incarnation, CONFIG.withLock(lock));
  }

  private TestPeer process(long incarnation, TransportConfig config) throws Exception {
    return TestPeer.start(vertx, identity, incarnation, config);
  }

  private static Optional<Key> lock(long name) {
    return Optional.of(Key.of(name));
  }

  private static void dial(TestPeer from, TestPeer to) throws Exception {
    from.transport.connect(to.endpoint(), Optional.of(to.id())).get(10, SECONDS);
  }

  // ---- a later process

  @Test
  void aLaterProcessWithTheSameLockIsProofThatTheEarlierOneIsDead() throws Exception {
    try (TestPeer old = process(1, lock(5));
        TestPeer young = process(2, lock(5))) {
      old.connect(one);
      PeerRef oldRef = old.ref();
      PeerRef youngRef = young.ref();
      dial(young, one);
      await()
          .untilAsserted(
              () ->
                  assertThat(one.events)
                      .containsExactly(
                          new Event(oldRef, LinkEvent.UP),
                          new Event(oldRef, LinkEvent.REFUSED),
                          new Event(youngRef, LinkEvent.UP)));
      await().until(() -> old.eventsOf(one.id()).contains(LinkEvent.DOWN));
      one.transport.send(youngRef, Note.request(5));
      await().until(() -> young.numbers().equals(List.of(5L)));
      assertThat(old.heard).isEmpty();
      assertThat(young.rivals).isEmpty();
    }
  }

  @Test
  void aRestartWithTheSameLockIsProofAlsoAfterTheLinkWasLost() throws Exception {
    TestPeer old = process(1, lock(5));
    PeerRef oldRef = old.ref();
    old.connect(one);
    old.close();
    await().until(() -> one.eventsOf(identity.id()).contains(LinkEvent.DOWN));
    try (TestPeer young = process(2, lock(5))) {
      dial(young, one);
      await()
          .untilAsserted(
              () ->
                  assertThat(one.events)
                      .containsExactly(
                          new Event(oldRef, LinkEvent.UP),
                          new Event(oldRef, LinkEvent.DOWN),
                          new Event(oldRef, LinkEvent.REFUSED),
                          new Event(young.ref(), LinkEvent.UP)));
    }
  }

  @Test
  void aCopiedDirectoryIsNoProofOfDeathAndBothProcessesHearOfEachOther() throws Exception {
    try (TestPeer old = process(1, lock(5));
        TestPeer young = process(2, lock(6))) {
      old.connect(one);
      PeerRef oldRef = old.ref();
      dial(young, one);
      await()
          .untilAsserted(
              () ->
                  assertThat(one.events)
                      .containsExactly(
                          new Event(oldRef, LinkEvent.UP),
                          new Event(oldRef, LinkEvent.DOWN),
                          new Event(young.ref(), LinkEvent.UP)));
      await()
          .untilAsserted(
              () -> assertThat(old.rivals).containsOnly(new Rival(young.endpoint(), false)));
      await()
          .untilAsserted(
              () -> assertThat(young.rivals).containsOnly(new Rival(old.endpoint(), true)));
      one.send(young, Note.request(5));
      await().until(() -> young.numbers().equals(List.of(5L)));
      assertThat(old.heard).isEmpty();
    }
  }

  @Test
  void withoutALockALaterProcessProvesNothing() throws Exception {
    try (TestPeer old = process(1, Optional.empty());
        TestPeer young = process(2, Optional.empty())) {
      old.connect(one);
      dial(young, one);
      await().until(() -> one.events.contains(new Event(young.ref(), LinkEvent.UP)));
      assertThat(one.eventsOf(identity.id())).doesNotContain(LinkEvent.REFUSED);
      await().until(() -> old.rivals.contains(new Rival(young.endpoint(), false)));
    }
  }

  @Test
  void anEarlierProcessDoesNotReplaceALaterOne() throws Exception {
    try (TestPeer old = process(1, lock(5));
        TestPeer young = process(2, lock(6))) {
      dial(young, one);
      await().until(() -> one.transport.isUp(identity.id()));
      KitException why = failure(old);
      assertThat(why.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
      assertThat(why.detail()).contains(young.endpoint().toString()).contains("stop one");
      await().until(() -> old.rivals.contains(new Rival(young.endpoint(), false)));
      await().until(() -> young.rivals.contains(new Rival(old.endpoint(), true)));
      assertThat(one.events).containsExactly(new Event(young.ref(), LinkEvent.UP));
    }
  }

  private KitException failure(TestPeer dialler) throws Exception {
    try {
      dial(dialler, one);
    } catch (ExecutionException e) {
      return KitException.from(e.getCause());
    }
    throw new AssertionError("it was let in");
  }

  @Test
  void aRestartThatIsNoticedOnlyByDiallingProvesNothingOfAStranger() throws Exception {
    TestPeer old = process(1, lock(5));
    PeerRef oldRef = old.ref();
    old.close();
    try (TestPeer young =
        process(2, CONFIG.withBind("127.0.0.1", oldRef.endpoint().port()).withLock(lock(5)))) {
      one.transport.send(oldRef, Note.request(1));
      await()
          .untilAsserted(
              () ->
                  assertThat(one.events)
                      .containsExactly(
                          new Event(oldRef, LinkEvent.UNREACHABLE),
                          new Event(young.ref(), LinkEvent.UP)));
      // What was meant for the earlier process is not handed to the later one.
      one.send(young, Note.request(2));
      await().until(() -> young.numbers().equals(List.of(2L)));
    }
  }

  @Test
  void aClaimThatThereIsAnotherProcessIsBelievedOnlyWithItsSignature() throws Exception {
    TransportConfig plain = CONFIG.withTls(false);
    Identity other = Identity.ephemeral();
    Endpoint elsewhere = new Endpoint("192.0.2.7", 7400);
    try (TestPeer victim = TestPeer.start(vertx, identity, 5, plain);
        RawPeer liar = RawPeer.dial(victim).greet()) {
      await().until(() -> victim.transport.isUp(liar.identity.id()));
      byte[] ofAnother = other.sign(LaterProcess.statement(other, elsewhere, 9));
      byte[] ofAnotherPlace = identity.sign(LaterProcess.statement(identity, victim.endpoint(), 9));
      byte[] ofItself = identity.sign(LaterProcess.statement(identity, elsewhere, 5));
      liar.write(new LinkFrame.Rival(elsewhere, 9, new Bytes(ofAnother)));
      liar.write(new LinkFrame.Rival(elsewhere, 9, new Bytes(ofAnotherPlace)));
      liar.write(new LinkFrame.Rival(elsewhere, 9, Bytes.EMPTY));
      liar.write(new LinkFrame.Rival(elsewhere, 5, new Bytes(ofItself)));
      await()
          .until(
              () ->
                  victim.transport.statistics().dropped().get(LinkStatistics.Drop.UNAUTHORISED)
                      == 4);
      assertThat(victim.rivals).isEmpty();
      byte[] true9 = identity.sign(LaterProcess.statement(identity, elsewhere, 9));
      liar.write(new LinkFrame.Rival(elsewhere, 9, new Bytes(true9)));
      await().until(() -> victim.rivals.contains(new Rival(elsewhere, false)));
    }
  }

  // ---- nobody listens

  @Test
  void aRefusalWhereTheProcessListenedIsProofOfItsDeath() throws Exception {
    TestPeer other = process(1, lock(5));
    PeerRef ref = other.ref();
    other.connect(one);
    other.close();
    await().until(() -> one.eventsOf(ref.id()).contains(LinkEvent.DOWN));
    one.transport.send(ref, Note.control(1));
    await()
        .until(
            () ->
                one.eventsOf(ref.id())
                    .equals(List.of(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.REFUSED)));
  }

  @Test
  void aRefusalByAPortForwardIsNoProofOfDeath() throws Exception {
    Endpoint forward;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      forward = new Endpoint("127.0.0.1", socket.getLocalPort());
    }
    try (TestPeer other = process(1, CONFIG.withAdvertise(forward))) {
      dial(other, one);
      await().until(() -> one.transport.isUp(other.id()));
      other.transport.close(one.id());
      await().until(() -> one.eventsOf(other.id()).contains(LinkEvent.DOWN));
      one.transport.send(other.ref(), Note.control(1));
      await()
          .until(
              () ->
                  one.eventsOf(other.id())
                      .equals(List.of(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UNREACHABLE)));
    }
  }

  @Test
  void aRefusalAtAnotherAddressIsNoProofOfDeath() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    try (TestPeer other = process(1, lock(5))) {
      other.connect(one);
      other.transport.close(one.id());
      await().until(() -> one.eventsOf(other.id()).contains(LinkEvent.DOWN));
      assertThat(one.transport.connect(new Endpoint("127.0.0.1", closed), Optional.of(other.id())))
          .failsWithin(10, SECONDS);
      assertThat(one.eventsOf(other.id()))
          .containsExactly(LinkEvent.UP, LinkEvent.DOWN, LinkEvent.UNREACHABLE);
    }
  }
}
