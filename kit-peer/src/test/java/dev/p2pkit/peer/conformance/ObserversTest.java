// The rows on peers outside of the ring: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Source;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ObserversTest {
  private static Peer observer(TestRing ring, List<String> got) {
    return get(
        ring.settings()
            .joinMode(JoinMode.OBSERVE)
            .accessPoint("ap", message -> got.add(message.body(String.class)))
            .start());
  }

  /** The peer after an observer on the ring. */
  private static Peer proxyOf(TestRing ring, Peer observer) {
    return ring.ownerOf(observer.peerId().position());
  }

  @Test
  void useProxy_isResponsibleForNothingButItsOwnIdAndIsReachedFromEveryPeer() {
    List<String> atOwners = new CopyOnWriteArrayList<>();
    try (TestRing ring = new TestRing()) {
      for (int i = 0; i < 4; i++) {
        Peer unused =
            ring.start(
                settings ->
                    settings.accessPoint(
                        "ap", message -> atOwners.add(message.body(String.class))));
      }
      ring.awaitClosed();
      List<String> got = new CopyOnWriteArrayList<>();
      try (Peer observer = observer(ring, got)) {
        for (Peer member : ring.peers()) {
          assertThat(get(member.sendPeer(observer.peerId(), "ap", "hello")).peer())
              .isEqualTo(observer.peerId());
        }
        assertThat(got).hasSize(4);
        for (int i = 0; i < 20; i++) {
          Key key = Key.hash(i);
          assertThat(get(observer.sendKey(key, "ap", "from outside")).peer())
              .isEqualTo(ring.ownerOf(key).peerId());
        }
        assertThat(atOwners).hasSize(20);
        Key around = observer.peerId().position();
        assertThat(get(ring.peer(0).sendKey(around, "ap", "to the key")).peer())
            .isEqualTo(ring.ownerOf(around).peerId());
        assertThat(get(ring.peer(0).ring())).hasSize(4);
        assertThat(observer.info().statistics().useProxy()).isTrue();
        assertThat(
                failure(observer.sendPeer(new dev.p2pkit.sdk.PeerId(Key.of(7)), "ap", "x")).code())
            .isEqualTo(ErrorCode.NO_SUCH_PEER);
      }
    }
  }

  @Test
  void clientjoined_andClientleftAreToldAtTheProxyWhichListsItsObservers() {
    try (TestRing ring = TestRing.of(3)) {
      List<Listener<NetworkEvent>> listeners = new ArrayList<>();
      ring.peers().forEach(peer -> listeners.add(Listener.to(peer.events())));
      Peer observer = observer(ring, new ArrayList<>());
      Peer proxy = proxyOf(ring, observer);
      Listener<NetworkEvent> atProxy = listeners.get(ring.peers().indexOf(proxy));
      await()
          .untilAsserted(
              () ->
                  assertThat(atProxy.seen)
                      .contains(new NetworkEvent.ObserverAttached(observer.peerId())));
      assertThat(get(proxy.observers())).containsExactly(observer.peerId());
      observer.close();
      await()
          .untilAsserted(
              () -> {
                assertThat(atProxy.seen)
                    .contains(new NetworkEvent.ObserverDetached(observer.peerId()));
                assertThat(get(proxy.observers())).isEmpty();
              });
    }
  }

  @Test
  void useProxy_movesToTheNextPeerWhenItsProxyGoes() {
    try (TestRing ring = TestRing.of(4)) {
      List<String> got = new CopyOnWriteArrayList<>();
      try (Peer observer = observer(ring, got)) {
        ring.leave(proxyOf(ring, observer));
        List<Peer> ordered = new ArrayList<>(ring.peers());
        ordered.sort(Comparator.comparing(Peer::peerId));
        Peer next = proxyOf(ring, observer);
        await()
            .untilAsserted(
                () -> assertThat(get(next.observers())).containsExactly(observer.peerId()));
        for (Peer member : ordered) {
          assertThat(get(member.sendPeer(observer.peerId(), "ap", "still there")).peer())
              .isEqualTo(observer.peerId());
        }
        assertThat(got).hasSize(3);
      }
    }
  }

  @Test
  void useProxy_aPeerThatJoinsBetweenThemBecomesTheProxy() {
    try (TestRing ring = TestRing.of(2)) {
      List<String> got = new CopyOnWriteArrayList<>();
      try (Peer observer = observer(ring, got)) {
        for (int i = 0; i < 4; i++) {
          ring.grow(1);
          Peer proxy = proxyOf(ring, observer);
          await()
              .untilAsserted(
                  () -> assertThat(get(proxy.observers())).containsExactly(observer.peerId()));
        }
        assertThat(get(ring.peer(5).sendPeer(observer.peerId(), "ap", "hello")).peer())
            .isEqualTo(observer.peerId());
        assertThat(got).containsExactly("hello");
      }
    }
  }

  @Test
  void useProxy_isNamedAsTheSourceOfWhatItSends() {
    List<Source> sources = new CopyOnWriteArrayList<>();
    try (TestRing ring = new TestRing()) {
      Peer member =
          ring.start(
              settings -> settings.accessPoint("ap", message -> sources.add(message.source())));
      try (Peer observer = observer(ring, new ArrayList<>())) {
        get(observer.sendPeer(member.peerId(), "ap", "hello"));
        assertThat(sources).containsExactly(new Source.OfPeer(observer.peerId()));
      }
    }
  }
}
