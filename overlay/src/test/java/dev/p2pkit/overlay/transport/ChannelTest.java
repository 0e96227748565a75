// Channels: bounds, priorities, rates.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.transport.LinkStatistics.Drop;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChannelTest {
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  @Test
  void whatNobodyReadsFillsTheChannelAndNoMore() throws Exception {
    TransportConfig config = TransportConfig.defaults().withTls(false);
    try (TestPeer one = TestPeer.start(vertx, config);
        RawPeer raw = RawPeer.dial(one).greet()) {
      await().until(() -> one.transport.isUp(raw.identity.id()));
      var ref = one.events.peek().peer();
      SendResult last = SendResult.SENT;
      long sent = 0;
      for (int i = 0; i < 10_000 && last == SendResult.SENT; i++) {
        last = one.transport.send(ref, Note.bulk(i, 60_000));
        sent += last == SendResult.SENT ? 1 : 0;
      }
      assertThat(last).isEqualTo(SendResult.FULL);
      assertThat(one.transport.statistics().dropped().get(Drop.FULL)).isEqualTo(1);
      // Others channels have room of their own.
      assertThat(one.transport.send(ref, Note.control(7))).isEqualTo(SendResult.SENT);
      // What was taken arrives, in order, once it is read.
      long bulk = 0;
      boolean control = false;
      while (bulk < sent || !control) {
        byte[] frame = raw.readFrame();
        control |= frame[0] == Note.FIRST_TYPE;
        bulk += frame[0] == Note.FIRST_TYPE + 2 ? 1 : 0;
      }
      assertThat(one.transport.send(ref, Note.bulk(1, 60_000))).isEqualTo(SendResult.SENT);
    }
  }

  @Test
  void theQueueOfALinkThatIsBeingDialledIsBounded() throws Exception {
    TransportConfig config =
        TransportConfig.defaults()
            .withLimits(LinkLimits.defaults().withPendingBytes(4096, 64 * 1024, 4096));
    try (TestPeer one = TestPeer.start(vertx, config);
        TestPeer other = TestPeer.start(vertx, config)) {
      int taken = 0;
      while (one.send(other, new Note(Channel.REQUEST, taken, 1000)) == SendResult.QUEUED
          && taken < 1000) {
        taken++;
      }
      assertThat(taken).isBetween(60, 66);
      int expected = taken;
      await().until(() -> other.heard.size() == expected);
      assertThat(other.numbers()).isEqualTo(LongStream.range(0, taken).boxed().toList());
    }
  }

  @Test
  void aMessageAboveTheFrameLimitIsRefusedAndTheLinkGoesOn() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      one.connect(other);
      assertThat(one.send(other, new Note(Channel.REQUEST, 1, 1 << 20)))
          .isEqualTo(SendResult.TOO_LARGE);
      assertThat(one.send(other, Note.bulk(1, LinkLimits.BULK_FRAME_BYTES)))
          .isEqualTo(SendResult.TOO_LARGE);
      assertThat(one.transport.statistics().dropped().get(Drop.TOO_LARGE)).isEqualTo(2);
      int largest = (1 << 20) - 9;
      assertThat(one.send(other, new Note(Channel.REQUEST, 2, largest))).isEqualTo(SendResult.SENT);
      assertThat(one.send(other, Note.request(3))).isEqualTo(SendResult.SENT);
      await().until(() -> other.numbers().equals(List.of(2L, 3L)));
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
    }
  }

  @Test
  void aSaturatedBulkChannelDoesNotStarveControl() throws Exception {
    TransportConfig config =
        TransportConfig.defaults()
            .withLimits(LinkLimits.defaults().withPendingBytes(1 << 20, 1 << 20, 16 << 20))
            .withRates(new LinkRates(Map.of(Channel.BULK, 4_000_000L), Map.of()));
    try (TestPeer one = TestPeer.start(vertx, config);
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      one.connect(other);
      int bulk = 200;
      for (int i = 0; i < bulk; i++) {
        assertThat(one.send(other, Note.bulk(i, 64 * 1024 - 100))).isEqualTo(SendResult.SENT);
      }
      for (int i = 0; i < 100; i++) {
        assertThat(one.send(other, Note.control(i))).isEqualTo(SendResult.SENT);
      }
      await().until(() -> count(other, Channel.CONTROL) == 100);
      assertThat(count(other, Channel.BULK)).isLessThan(bulk);
      await().until(() -> count(other, Channel.BULK) == bulk);
    }
  }

  @Test
  void withoutARateControlOvertakesWhatIsQueued() throws Exception {
    TransportConfig config =
        TransportConfig.defaults()
            .withTls(false)
            .withLimits(LinkLimits.defaults().withPendingBytes(1 << 20, 1 << 20, 32 << 20));
    try (TestPeer one = TestPeer.start(vertx, config);
        RawPeer raw = RawPeer.dial(one).greet()) {
      await().until(() -> one.transport.isUp(raw.identity.id()));
      var ref = one.events.peek().peer();
      int bulk = 0;
      while (one.transport.send(ref, Note.bulk(bulk, 60_000)) == SendResult.SENT) {
        bulk++;
      }
      one.transport.send(ref, Note.control(1));
      int before = 0;
      byte[] frame = raw.readFrame();
      while (frame[0] != Note.FIRST_TYPE) {
        before += frame[0] == Note.FIRST_TYPE + 2 ? 1 : 0;
        frame = raw.readFrame();
      }
      // Only what the sockets had swallowed before comes first.
      assertThat(before).isLessThan(bulk - (24 << 20) / 60_000);
    }
  }

  @Test
  void aReceiverMayLimitWhatItReads() throws Exception {
    TransportConfig slow =
        TransportConfig.defaults()
            .withRates(new LinkRates(Map.of(), Map.of(Channel.BULK, 2_000_000L)));
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, slow)) {
      one.connect(other);
      long start = System.nanoTime();
      for (int i = 0; i < 16; i++) {
        assertThat(one.send(other, Note.bulk(i, 60_000))).isEqualTo(SendResult.SENT);
      }
      await().until(() -> other.heard.size() == 16);
      // 960 kB at 2 MB/s, of which a tenth of a second is free.
      assertThat(System.nanoTime() - start).isGreaterThan(250_000_000L);
    }
  }

  private static long count(TestPeer peer, Channel channel) {
    return peer.heard.stream().filter(each -> each.note().channel() == channel).count();
  }
}
