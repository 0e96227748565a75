// What an open call costs beside itself: no timer and no thread of its own.
package dev.p2pkit.overlay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.StillEffects;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OneTimerTest {
  private static final int CALLS = 10_000;
  private static final long SECOND = 1_000_000;
  private static final PeerRef HERE = ref(100);
  private static final PeerRef OWNER = ref(200);

  /** The timers that are set, by token. */
  private final TreeMap<Long, Long> timers = new TreeMap<>();

  private final List<Outcome> outcomes = new ArrayList<>();
  private int settings;

  private static PeerRef ref(long position) {
    return new PeerRef(new PeerId(Key.of(position)), new Endpoint("host", (int) position), 1);
  }

  private final class Counting extends StillEffects {
    Counting() {
      super(HERE);
    }

    @Override
    public void timer(long token, long at) {
      timers.put(token, at);
      settings++;
    }

    @Override
    public void cancel(long token) {
      timers.remove(token);
    }
  }

  @Test
  void tenThousandOpenCallsOfAllKindsShareOneTimerAndNoThread() {
    RouterConfig config = RouterConfig.DEFAULT;
    Router router = new Router(config, new Counting(), inbound -> {});
    router.start(0);
    List<PeerRef> members = List.of(HERE, OWNER);
    router.onView(0, new RingView(HERE, true, 1, List.of(OWNER), List.of(OWNER), members));
    router.onLink(0, OWNER, LinkEvent.UP);
    int threads = Thread.activeCount();
    for (int i = 0; i < CALLS; i++) {
      // Some wait for an answer, some are this peer's own, some are for a peer that may turn up.
      long place = i % 3 == 0 ? 200 : i % 3 == 1 ? 100 : 1_000 + i;
      Draft draft =
          Draft.toPeer(new PeerId(Key.of(place)), "ap", 0, new byte[8], SECOND + 1_000L * i);
      long unused = router.open(i, draft, outcomes::add);
    }
    assertThat(router.statistics().open()).isGreaterThan(CALLS / 2);
    assertThat(timers).hasSize(1);
    // A timer is moved when an earlier time comes up, not for each call.
    assertThat(settings).isLessThan(20);
    assertThat(Thread.activeCount()).isEqualTo(threads);

    settings = 0;
    int fired = 0;
    while (!timers.isEmpty() && router.statistics().open() > 0) {
      long at = timers.pollFirstEntry().getValue();
      router.onTimer(at, 1);
      fired++;
      assertThat(timers.size()).isLessThanOrEqualTo(1);
    }
    assertThat(outcomes).hasSize(CALLS);
    // The wheel turns in steps of a millisecond: so many at most in the 11 s of the last deadline.
    assertThat(fired).isLessThan(12_000);
    assertThat(settings).isLessThanOrEqualTo(fired);
  }

  @Test
  void aTimerThatDoesNotComeKeepsNoCallerWaitingWhileOtherThingsHappen() {
    Router router = new Router(RouterConfig.DEFAULT, new Counting(), inbound -> {});
    router.start(0);
    List<PeerRef> members = List.of(HERE, OWNER);
    router.onView(0, new RingView(HERE, true, 1, List.of(OWNER), List.of(OWNER), members));
    router.onLink(0, OWNER, LinkEvent.UP);
    long unused = open(router, 0, SECOND);
    // The first step finds the timer late, perhaps after a pause: an answer may be next.
    unused = open(router, 2 * SECOND, 100 * SECOND);
    assertThat(outcomes).isEmpty();
    unused = open(router, 2 * SECOND + 200_000, 100 * SECOND);
    assertThat(outcomes).isEmpty();
    unused = open(router, 2 * SECOND + 300_000, 100 * SECOND);
    assertThat(outcomes).hasSize(1);
    // Another timer is set, and when the late one comes at last it does no harm.
    assertThat(timers.firstEntry().getValue()).isGreaterThan(2 * SECOND);
    router.onTimer(3 * SECOND, 1);
    assertThat(outcomes).hasSize(1);
  }

  private long open(Router router, long now, long within) {
    Draft draft = Draft.toPeer(OWNER.id(), "ap", 0, new byte[8], within);
    return router.open(now, draft, outcomes::add);
  }
}
