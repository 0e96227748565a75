// Peers that may keep few links lose nothing by closing them.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.peer.TestRing.Member;
import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.overlay.transport.LinkLimits;
import dev.p2pkit.overlay.transport.LinkTimes;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class SmallLinkTableTest {
  private static final int PEERS = 7;
  private static final Duration LIFE = Duration.ofSeconds(20);

  @Test
  void linksThatAreClosedToMakeRoomTakeNoMessageWithThemAndNeighboursKeepTheirs() {
    try (TestRing ring =
        new TestRing(
            false,
            transport ->
                transport
                    .withLimits(LinkLimits.defaults().withLinks(2))
                    .withTimes(LinkTimes.defaults().withIdle(Duration.ofMillis(1))),
            RingConfig.FAST.withLists(1, 1, 2))) {
      ring.of(PEERS);
      ring.members.forEach(member -> member.events.clear());
      List<CompletableFuture<Outcome>> calls = new ArrayList<>();
      Semaphore pace = new Semaphore(4);
      for (int number = 0; number < 400; number++) {
        Member caller = ring.members.get(number % PEERS);
        pace.acquireUninterruptibly();
        CompletableFuture<Outcome> call = caller.key(Key.hash(number), number, LIFE);
        CompletableFuture<?> unused = call.whenComplete((outcome, failed) -> pace.release());
        calls.add(call);
      }
      for (CompletableFuture<Outcome> call : calls) {
        assertThat(call.join()).isInstanceOf(Outcome.Replied.class);
      }
      assertThat(ring.timesProcessed())
          .hasSize(calls.size())
          .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
      int closed = 0;
      for (Member member : ring.members) {
        PeerId before = member.overlay.view().predecessors().get(0).id();
        PeerId after = member.overlay.view().successors().get(0).id();
        for (NetworkEvent event : member.events) {
          if (event instanceof NetworkEvent.LinkClosed link) {
            closed++;
            assertThat(link.peer()).isNotIn(before, after);
          }
        }
      }
      assertThat(closed).isPositive();
    }
  }
}
