// Two ends of a connection over a network that refuses at random.
package dev.p2pkit.peer.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private static final PeerId SENDER = new PeerId(Key.of(1));
  private static final PeerId RECEIVER = new PeerId(Key.of(2));

  private final ArrayDeque<Runnable> due = new ArrayDeque<>();
  private final List<Long> taken = new ArrayList<>();
  private final List<NetworkEvent> events = new ArrayList<>();
  private final List<CompletableFuture<Payload>> underWay = new ArrayList<>();
  private SplittableRandom random = new SplittableRandom(1);
  private int refusePercent;
  private boolean silent;

  private final Connections receiver = new Connections(new End(), events::add, 1);
  private final Connections sender = new Connections(new End(), event -> {}, 1);

  /** Both ends are driven by one queue, so a test decides the order of everything. */
  private final class End implements Connections.Surroundings {
    @Override
    public CompletableFuture<Payload> call(
        PeerId peer, String accessPoint, Payload body, Duration deadline) {
      CompletableFuture<Payload> answer = new CompletableFuture<>();
      underWay.add(answer);
      due.add(() -> arrive(body, answer));
      return answer;
    }

    private void arrive(Payload body, CompletableFuture<Payload> answer) {
      if (random.nextInt(100) < refusePercent) {
        answer.completeExceptionally(new KitException(ErrorCode.BUSY, "the link is full"));
        return;
      }
      Message message =
          new Message(
              new Source.OfPeer(SENDER),
              new Destination.OfPeer(RECEIVER),
              Connections.ACCESS_POINT,
              body,
              Optional.empty());
      receiver.receive(new Call(message, answer));
    }

    @Override
    public void deliver(Incoming incoming) {
      if (random.nextInt(100) < refusePercent) {
        incoming.fail(ErrorCode.MAILBOX_FULL, "full");
        return;
      }
      taken.add(incoming.message().body(Long.class));
      if (!silent) {
        due.add(incoming::processed);
      }
    }

    @Override
    public void after(Duration pause, Runnable action) {
      due.add(action);
    }
  }

  private record Call(Message message, CompletableFuture<Payload> answer) implements Incoming {
    @Override
    public long deadlineNanos() {
      return System.nanoTime() + 10_000_000_000L;
    }

    @Override
    public void processed() {
      answer.complete(Payload.bytes(new byte[0]));
    }

    @Override
    public void reply(Payload body) {
      answer.complete(body);
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      answer.completeExceptionally(new KitException(code, detail));
    }
  }

  private void run() {
    for (Runnable next = due.poll(); next != null; next = due.poll()) {
      next.run();
    }
  }

  private Connection<Long> open() {
    CompletableFuture<Connection<Long>> opened = sender.open(RECEIVER, "log");
    run();
    return opened.join();
  }

  @Test
  void messagesAreTakenInOrderOnceAndWithoutAGapWhoeverRefusesThem() {
    for (int seed = 0; seed < 30; seed++) {
      random = new SplittableRandom(seed);
      taken.clear();
      refusePercent = 0;
      Connection<Long> connection = open();
      refusePercent = random.nextInt(15);
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (long i = 0; i < 200; i++) {
        receipts.add(connection.send(i, i));
      }
      run();
      assertThat(taken)
          .as("seed " + seed)
          .containsExactlyElementsOf(LongStream.range(0, 200).boxed().toList());
      assertThat(receipts).allSatisfy(receipt -> assertThat(receipt).isCompleted());
      connection.close();
      run();
      assertThat(connection.ended().join()).isEmpty();
    }
  }

  @Test
  void whatIsUnderWayWhenTheOtherPeerGoesIsHandedBackAsUnknownAndTheRestAsUntouched() {
    Connection<Long> connection = open();
    CompletableFuture<Receipt> first = connection.send(0L, 0L);
    run();
    assertThat(first).isCompleted();
    silent = true;
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    for (long i = 1; i < 300; i++) {
      receipts.add(connection.send(i, i));
    }
    run();
    assertThat(taken).hasSize(257);
    sender.gone(RECEIVER);
    assertThat(connection.ended()).isNotDone();
    assertThat(connection.send(300L, 300L)).isCompletedExceptionally();
    // The calls end as the network ends calls to a dead peer.
    List.copyOf(underWay)
        .forEach(
            answer ->
                answer.completeExceptionally(
                    new KitException(ErrorCode.DELIVERY_UNKNOWN, "the receiver has died")));
    List<Connection.Unacknowledged<Long>> left = connection.ended().join();
    assertThat(left.stream().map(Connection.Unacknowledged::context).toList())
        .containsExactlyElementsOf(LongStream.range(1, 300).boxed().toList());
    assertThat(left.stream().filter(one -> one.delivery() == Delivery.UNKNOWN)).hasSize(256);
    receiver.gone(SENDER);
    assertThat(events)
        .containsExactly(
            new NetworkEvent.ConnectionOpened(SENDER, "log"),
            new NetworkEvent.ConnectionClosed(SENDER, "log", 0));
    assertThat(receipts).allSatisfy(receipt -> assertThat(receipt).isCompletedExceptionally());
  }

  @Test
  void aMessageThatMayHaveBeenProcessedEndsTheStreamAndIsNeverSentAgain() {
    Connection<Long> connection = open();
    silent = true;
    CompletableFuture<Receipt> lost = connection.send(5L, 5L);
    run();
    assertThat(taken).containsExactly(5L);
    lose(lost, connection);
    List<Connection.Unacknowledged<Long>> left = connection.ended().join();
    assertThat(left).hasSize(1);
    assertThat(left.get(0).delivery()).isEqualTo(Delivery.UNKNOWN);
    assertThat(left.get(0).context()).isEqualTo(5L);
    run();
    assertThat(taken).containsExactly(5L);
  }

  private void lose(CompletableFuture<Receipt> receipt, Connection<Long> connection) {
    assertThat(receipt).isNotDone();
    List.copyOf(underWay)
        .forEach(
            answer ->
                answer.completeExceptionally(
                    new KitException(ErrorCode.DELIVERY_UNKNOWN, "the receiver has died")));
    assertThat(connection.ended()).isDone();
  }
}
