// Links that a test cuts: as a cable that is cut, with both ends in order.
package dev.p2pkit.overlay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CutLinkTest {
  /** A pause after a failed dial that no test lives to see the end of. */
  private static final TransportConfig PATIENT =
      TransportConfig.defaults()
          .withTimes(LinkTimes.defaults().withBackOff(Duration.ofMinutes(30), Duration.ofHours(1)));

  private final Vertx vertx = Vertx.vertx(Transport.vertxOptions());

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  private static void assertNoRoute(CompletableFuture<?> dial) {
    assertThatThrownBy(() -> dial.get(10, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            KitException.class, why -> assertThat(why.code()).isEqualTo(ErrorCode.NO_ROUTE));
  }

  @Test
  void aCutEndsTheLinkProvesNoDeathAndLetsNobodyThroughUntilItIsMended() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, PATIENT);
        TestPeer other = TestPeer.start(vertx, PATIENT);
        TestPeer third = TestPeer.start(vertx, PATIENT)) {
      one.connect(other);
      one.connect(third);
      one.transport.sever(Set.of(other.id()));
      other.transport.sever(Set.of(one.id()));
      await().until(() -> !one.transport.isUp(other.id()) && !other.transport.isUp(one.id()));

      assertThat(one.send(other, Note.control(1))).isEqualTo(SendResult.QUEUED);
      await().until(() -> one.eventsOf(other.id()).contains(LinkEvent.UNREACHABLE));
      assertNoRoute(other.transport.connect(one.endpoint(), Optional.of(one.id())));
      assertNoRoute(other.transport.connect(one.endpoint(), Optional.empty()));
      assertThat(one.eventsOf(other.id())).doesNotContain(LinkEvent.REFUSED, LinkEvent.REJECTED);
      assertThat(other.eventsOf(one.id())).doesNotContain(LinkEvent.REFUSED, LinkEvent.REJECTED);
      assertThat(one.transport.isUp(third.id())).isTrue();

      one.transport.sever(Set.of());
      other.transport.sever(Set.of());
      // In spite of the pause of half an hour that the failed dial has begun.
      assertThat(one.send(other, Note.control(2))).isEqualTo(SendResult.QUEUED);
      await().until(() -> other.numbers().contains(2L));
      assertThat(other.numbers()).doesNotContain(1L);
    }
  }

  @Test
  void aCutThatOnlyOneSideKnowsOfKeepsTheOtherOut() throws Exception {
    try (TestPeer one = TestPeer.start(vertx, TransportConfig.defaults());
        TestPeer other = TestPeer.start(vertx, TransportConfig.defaults())) {
      one.transport.sever(Set.of(other.id()));
      assertThat(other.send(one, Note.control(1))).isEqualTo(SendResult.QUEUED);
      await().until(() -> other.eventsOf(one.id()).contains(LinkEvent.UNREACHABLE));
      assertThat(one.numbers()).isEmpty();
      assertThat(one.transport.isUp(other.id())).isFalse();
      assertThat(other.eventsOf(one.id())).doesNotContain(LinkEvent.REFUSED, LinkEvent.REJECTED);
    }
  }
}
