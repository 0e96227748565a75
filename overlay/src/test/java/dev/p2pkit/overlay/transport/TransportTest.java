// Two and more transports on real sockets with real TLS.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.LinkEvent;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransportTest {
  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  @Test
  void messagesGoBothWaysInOrderOnEveryChannel() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      assertThat(one.send(other, Note.request(0))).isEqualTo(SendResult.QUEUED);
      for (int i = 1; i < 1000; i++) {
        for (Channel channel : Channel.values()) {
          assertThat(one.send(other, new Note(channel, i, i)).accepted()).isTrue();
        }
      }
      await().until(() -> other.heard.size() == 2998);
      for (Channel channel : Channel.values()) {
        List<Long> numbers =
            other.heard.stream()
                .filter(each -> each.note().channel() == channel)
                .map(each -> each.note().number())
                .toList();
        long first = channel == Channel.REQUEST ? 0 : 1;
        assertThat(numbers).isEqualTo(LongStream.range(first, 1000).boxed().toList());
      }
      assertThat(other.heard).allMatch(each -> each.from().equals(one.ref()));
      assertThat(other.send(one, Note.control(7))).isEqualTo(SendResult.SENT);
      await().until(() -> one.numbers().equals(List.of(7L)));
      assertThat(one.eventsOf(other.id())).containsExactly(LinkEvent.UP);
      assertThat(one.transport.statistics().outgoing()).isEqualTo(1);
      assertThat(other.transport.statistics().incoming()).isEqualTo(1);
      assertThat(one.transport.statistics().sent().get(Channel.REQUEST).frames()).isEqualTo(1000);
    }
  }

  @Test
  void anEntryPointWithoutAnIdTellsWhoIsThere() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      assertThat(one.transport.connect(other.endpoint(), Optional.empty()).get(10, SECONDS))
          .isEqualTo(other.ref());
      assertThat(one.transport.isUp(other.id())).isTrue();
    }
  }
}
