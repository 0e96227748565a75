// An observer listens to those whom it has asked.
package dev.p2pkit.overlay.observer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.observer.ObserverMessage.Attach;
import dev.p2pkit.overlay.observer.ObserverMessage.Attached;
import dev.p2pkit.overlay.observer.ObserverMessage.Found;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObserverLiesTest {
  private static final PeerRef HERE = ref(1);
  private static final PeerRef CONTACT = ref(2);
  private static final PeerRef PROXY = ref(3);
  private static final PeerRef LIAR = ref(4);

  private final List<PeerRef> toldTo = new ArrayList<>();
  private final List<PeerRef> proxies = new ArrayList<>();
  private final ObserverMachine observer =
      new ObserverMachine(
          new StillEffects(HERE) {

            @Override
            public void send(PeerRef to, WireMessage message) {
              toldTo.add(to);
            }
          },
          new ObserverMachine.Host() {
            @Override
            public void attached(PeerId other) {}

            @Override
            public void detached(PeerId other) {}

            @Override
            public void observes(PeerRef proxy, RingView view) {
              proxies.add(proxy);
            }
          });

  private static PeerRef ref(int number) {
    return new PeerRef(new PeerId(Key.of(number)), new Endpoint("host", number), 1);
  }

  @Test
  void whoWasNotAskedNeitherBecomesTheProxyNorNamesOne() {
    observer.begin(0, List.of(CONTACT));
    observer.onMessage(1, LIAR, new Attached(List.of(LIAR)));
    observer.onMessage(1, LIAR, new Found(List.of(ref(77), ref(78))));
    assertThat(proxies).isEmpty();
    assertThat(toldTo).containsExactly(CONTACT);
    observer.onMessage(2, CONTACT, new Found(List.of(PROXY)));
    observer.onMessage(3, PROXY, new Attached(List.of(CONTACT)));
    observer.onMessage(4, LIAR, new Attached(List.of(LIAR)));
    assertThat(proxies).containsExactly(PROXY);
    assertThat(toldTo).containsExactly(CONTACT, PROXY);
  }

  @Test
  void aMemberServesSoManyObserversAndNoMore() {
    RingView view = new RingView(HERE, true, 1, List.of(), List.of(), List.of(HERE));
    observer.onView(0, view);
    for (int i = 0; i < 5_000; i++) {
      observer.onMessage(1, ref(10 + i), new Attach());
    }
    assertThat(observer.observers()).hasSize(4_096);
  }
}
