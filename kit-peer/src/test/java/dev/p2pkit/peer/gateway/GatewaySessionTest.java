// What waits for a client stays within bounds, and each sender learns the truth once.
package dev.p2pkit.peer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.session.SessionMessage;
import dev.p2pkit.client.session.SessionMessage.Credit;
import dev.p2pkit.client.session.SessionMessage.Deliver;
import dev.p2pkit.client.session.SessionMessage.Ended;
import dev.p2pkit.client.session.SessionMessage.Event;
import dev.p2pkit.client.session.SessionMessage.Feed;
import dev.p2pkit.client.session.SessionMessage.Progress;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class GatewaySessionTest {
  private static final GatewayConfig CONFIG = new GatewayConfig(4, 4_000, 2_000, 2, 3, 1, 1_000);

  private final List<SessionMessage> sent = new ArrayList<>();
  private final List<Object> ends = new ArrayList<>();
  private boolean full;
  private final GatewaySession session =
      new GatewaySession(
          Key.of(9),
          CONFIG,
          message -> {
            if (!full) {
              sent.add(message);
            }
            return !full;
          });

  private static Message message(int bytes) {
    return new Message(
        new Source.OfClient(),
        new Destination.OfSession(Key.of(9)),
        "p",
        Payload.bytes(new byte[bytes]),
        Optional.empty());
  }

  private void deliver(String proxy, int bytes) {
    session.deliver(
        0,
        proxy,
        message(bytes),
        new DeliveryCallback() {
          @Override
          public void accepted() {
            ends.add("accepted");
          }

          @Override
          public void failed(ErrorCode code, String detail) {
            ends.add(code);
          }
        });
    settle();
  }

  private void settle() {
    session.takeEffects().forEach(Runnable::run);
  }

  private void credit(int credit, long acceptedUpTo) {
    assertThat(session.onCredit(new Credit(1, credit, acceptedUpTo))).isEmpty();
    settle();
  }

  private List<Long> delivered() {
    return sent.stream()
        .filter(Deliver.class::isInstance)
        .map(message -> ((Deliver) message).number())
        .toList();
  }

  @Test
  void aMessageIsAcceptedWhenTheClientSaysSo() {
    session.subscribe(1, Feed.PROXY, "p", 8);
    deliver("p", 10);
    assertThat(delivered()).containsExactly(1L);
    assertThat(ends).isEmpty();
    credit(0, 1);
    assertThat(ends).containsExactly("accepted");
    assertThat(session.flyingBytes()).isZero();
  }

  @Test
  void withoutCreditMessagesWaitAndBeyondTheBoundTheyAreRefused() {
    session.subscribe(1, Feed.PROXY, "p", 1);
    for (int i = 0; i < 7; i++) {
      deliver("p", 10);
    }
    assertThat(delivered()).containsExactly(1L);
    assertThat(session.waitingMessages()).isEqualTo(4);
    assertThat(ends).containsExactly(ErrorCode.SLOW_CONSUMER, ErrorCode.SLOW_CONSUMER);
    assertThat(sent).contains(new Event(0, 0, new NetworkEvent.SlowConsumer("p", 1)));
    session.onTick(2_000_000);
    assertThat(sent.get(sent.size() - 1))
        .as("the second one is told of a second later")
        .isEqualTo(new Event(0, 0, new NetworkEvent.SlowConsumer("p", 1)));
    credit(10, 1);
    assertThat(delivered()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void bytesOnTheWayAreBoundedButOneLargeMessageAlwaysGoes() {
    session.subscribe(1, Feed.PROXY, "p", 100);
    for (int i = 0; i < 3; i++) {
      deliver("p", 900);
    }
    assertThat(delivered()).as("two are below 2,000 bytes, three not").containsExactly(1L);
    credit(0, 1);
    assertThat(delivered()).containsExactly(1L, 2L);
    deliver("p", 1_001);
    assertThat(ends).containsExactly("accepted", ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void anUnknownProxyAndAClosedOneAreNamed() {
    deliver("none", 1);
    session.subscribe(1, Feed.PROXY, "p", 1);
    deliver("p", 1);
    deliver("p", 1);
    session.onEnded(1);
    settle();
    assertThat(ends)
        .containsExactlyInAnyOrder(
            ErrorCode.NO_SUCH_ACCESS_POINT,
            ErrorCode.NO_SUCH_ACCESS_POINT,
            ErrorCode.DELIVERY_UNKNOWN);
    deliver("p", 1);
    assertThat(ends).hasSize(4).last().isEqualTo(ErrorCode.NO_SUCH_ACCESS_POINT);
  }

  @Test
  void theEndOfASessionTellsWhatMayHaveArrived() {
    session.subscribe(1, Feed.PROXY, "p", 1);
    deliver("p", 1);
    deliver("p", 1);
    session.close();
    settle();
    assertThat(ends)
        .containsExactlyInAnyOrder(ErrorCode.DELIVERY_UNKNOWN, ErrorCode.SESSION_EXPIRED);
    deliver("p", 1);
    assertThat(ends).last().isEqualTo(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void aClientThatClaimsTooMuchIsReported() {
    session.subscribe(1, Feed.PROXY, "p", 1);
    assertThat(session.onCredit(new Credit(1, 0, 1))).as("nothing was sent").isPresent();
    assertThat(session.onCredit(new Credit(7, 0, 1))).as("ended meanwhile").isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(session.onCredit(new Credit(1, 4_096, 0))).isEmpty();
    }
    assertThat(session.onCredit(new Credit(1, 4_096, 0))).isPresent();
  }

  @Test
  void subscriptionsAreBoundedAndNamedOnce() {
    assertThat(session.subscribe(1, Feed.PROXY, "p", 1)).isEmpty();
    assertThat(session.subscribe(1, Feed.PROXY, "q", 1)).isPresent();
    assertThat(session.subscribe(2, Feed.PROXY, "p", 1)).isPresent();
    assertThat(session.subscribe(2, Feed.STREAM, "p", 1)).isEmpty();
    assertThat(session.subscribe(3, Feed.STREAM, "p", 1)).isEmpty();
    assertThat(session.subscribe(4, Feed.STREAM, "p", 1)).isPresent();
    assertThat(session.requestOpened()).isTrue();
    assertThat(session.requestOpened()).isTrue();
    assertThat(session.requestOpened()).isFalse();
  }

  @Test
  void answersThatFindNoRoomWaitInOrderUpToABound() {
    full = true;
    assertThat(session.answer(new Progress(1, 1), 1_500)).isTrue();
    assertThat(session.answer(new Progress(2, 1), 1_500)).isTrue();
    full = false;
    assertThat(session.answer(new Progress(3, 1), 0)).isTrue();
    assertThat(sent).as("none overtakes").isEmpty();
    session.onTick(1);
    assertThat(sent).containsExactly(new Progress(1, 1), new Progress(2, 1), new Progress(3, 1));
    full = true;
    assertThat(session.answer(new Progress(4, 1), 3_000)).isTrue();
    assertThat(session.answer(new Progress(5, 1), 3_000)).as("4,000 are exceeded").isFalse();
  }

  /** Counts what is asked of it and whether it was told to stop. */
  private static final class CountingSource implements Flow.Subscription {
    long asked;
    boolean cancelled;

    @Override
    public void request(long count) {
      asked += count;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  @Test
  void aFeedIsAskedForOneItemAtATimeAndOnlyWithCredit() {
    CountingSource source = new CountingSource();
    session.subscribe(1, Feed.STREAM, "s", 2);
    session.source(1, source);
    settle();
    assertThat(source.asked).isEqualTo(1);
    session.fed(1, message(1));
    settle();
    assertThat(source.asked).isEqualTo(2);
    session.fed(1, message(1));
    settle();
    assertThat(source.asked).as("the credit is used up").isEqualTo(2);
    credit(1, 2);
    assertThat(source.asked).isEqualTo(3);
    full = true;
    session.fed(1, message(1));
    settle();
    assertThat(source.asked).isEqualTo(3);
    full = false;
    credit(1, 2);
    assertThat(delivered()).containsExactly(1L, 2L, 3L);
    session.onEnded(1);
    settle();
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void theEndOfAFeedIsTold() {
    session.subscribe(1, Feed.STREAM, "s", 2);
    session.source(1, new CountingSource());
    session.sourceEnded(1, Optional.of(ErrorCode.SLOW_CONSUMER), "too slow");
    assertThat(sent)
        .containsExactly(new Ended(1, Optional.of(ErrorCode.SLOW_CONSUMER), "too slow"));
    CountingSource late = new CountingSource();
    session.source(1, late);
    settle();
    assertThat(late.cancelled).isTrue();
  }

  @Test
  void whateverHappensEachSenderHearsOnceAndTheBoundsHold() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      GatewaySession any = new GatewaySession(Key.of(1), CONFIG, message -> random.nextInt(4) > 0);
      int[] heard = new int[400];
      long[] last = new long[4];
      for (int i = 1; i <= 3; i++) {
        any.subscribe(i, Feed.PROXY, "p" + i, random.nextInt(3));
      }
      for (int i = 0; i < heard.length; i++) {
        int index = i;
        any.deliver(
            i,
            "p" + (1 + random.nextInt(3)),
            message(random.nextInt(1_000)),
            new DeliveryCallback() {
              @Override
              public void accepted() {
                heard[index]++;
              }

              @Override
              public void failed(ErrorCode code, String detail) {
                heard[index]++;
              }
            });
        int proxy = 1 + random.nextInt(3);
        if (any.onCredit(new Credit(proxy, random.nextInt(2), last[proxy] + 1)).isEmpty()) {
          last[proxy]++;
        }
        if (random.nextInt(20) == 0) {
          any.onTick(i);
        }
        any.takeEffects().forEach(Runnable::run);
        assertThat(any.waitingMessages()).isBetween(0, CONFIG.queuedMessages());
        assertThat(any.flyingBytes()).isBetween(0L, (long) CONFIG.flightBytes());
      }
      any.close();
      any.takeEffects().forEach(Runnable::run);
      assertThat(Arrays.stream(heard)).as("seed %d", seed).allMatch(times -> times == 1);
      assertThat(any.waitingMessages()).isZero();
      assertThat(any.flyingBytes()).isZero();
    }
  }
}
