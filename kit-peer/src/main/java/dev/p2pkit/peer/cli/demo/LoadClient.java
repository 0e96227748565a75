// One client of the load: calls by key and by hash of a value at a steady pace.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.client.Client;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A thin client that calls the counter in small bursts. At most {@value #MOST_OPEN} calls are open:
 * where a peer has died, its keys' calls wait, and the others go on.
 */
final class LoadClient implements AutoCloseable {
  private static final int BURST = 5;
  private static final long PAUSE_MILLIS = 10;
  private static final int MOST_OPEN = 512;
  private static final int USERS = 10_000;
  private static final SendOptions OPTIONS = SendOptions.within(Duration.ofSeconds(5));

  private final int number;
  private final Client client;
  private final ServiceHandle service;
  private final List<Key> keys;
  private final Consumer<Call> ledger;
  private final Random random;
  private final AtomicInteger open = new AtomicInteger();
  // One party for the load itself and one for each open call: the end waits for all of them.
  private final Phaser unfinished = new Phaser(1);
  private long sequence;
  private @Nullable ScheduledFuture<?> ticking;

  /**
   * A client that does nothing yet.
   *
   * @param keys what the calls by key choose from
   * @param ledger is told of each call when its outcome is known; thread-safe
   */
  LoadClient(
      int number, Client client, ServiceHandle service, List<Key> keys, Consumer<Call> ledger) {
    this.number = number;
    this.client = client;
    this.service = service;
    this.keys = List.copyOf(keys);
    this.ledger = ledger;
    this.random = new Random(number);
  }

  void start(ScheduledExecutorService clock) {
    ticking =
        clock.scheduleAtFixedRate(
            this::burst, PAUSE_MILLIS * number / 4, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void burst() {
    for (int i = 0; i < BURST && open.get() < MOST_OPEN; i++) {
      call();
    }
  }

  private void call() {
    String id = "c" + number + "-" + sequence;
    Map<String, Object> add = Map.of("by", 1L, "id", id);
    Key key;
    boolean byHash = sequence % 2 == 0;
    String user = "user-" + random.nextInt(USERS);
    key = byHash ? Key.hash(user) : keys.get(random.nextInt(keys.size()));
    sequence++;
    open.incrementAndGet();
    unfinished.register();
    long start = System.nanoTime();
    var unused =
        rpc(byHash ? service.hash(user) : service.key(key), add)
            .whenComplete(
                (reply, failure) -> {
                  long end = System.nanoTime();
                  try {
                    Call.Outcome outcome = failure == null ? answered(reply) : failed(failure);
                    ledger.accept(new Call(id, number, key, start, end, outcome));
                  } finally {
                    open.decrementAndGet();
                    unfinished.arriveAndDeregister();
                  }
                });
  }

  /** A call that fails before it is made is a failed call, and the load goes on. */
  @SuppressWarnings("rawtypes") // A map's class has no type arguments.
  private static CompletableFuture<Map> rpc(ServiceHandle.Target target, Map<String, Object> add) {
    try {
      return target.rpc(add, Map.class, OPTIONS);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Call.Outcome answered(Map<?, ?> reply) {
    try {
      return new Call.Outcome.Answered(
          PeerId.parse(String.valueOf(reply.get("peer"))),
          Integer.parseInt(String.valueOf(reply.get("version"))));
    } catch (IllegalArgumentException e) {
      return new Call.Outcome.Failed(ErrorCode.PROTOCOL_ERROR);
    }
  }

  private static Call.Outcome failed(Throwable failure) {
    return new Call.Outcome.Failed(KitException.from(failure).code());
  }

  /** Makes no further calls and waits until each that was made has its outcome. */
  void finish() throws InterruptedException {
    ScheduledFuture<?> present = ticking;
    if (present != null) {
      present.cancel(false);
    }
    synchronized (this) {
      // A burst that was under way is over now.
      int phase = unfinished.arrive();
      try {
        unfinished.awaitAdvanceInterruptibly(
            phase, 2 * OPTIONS.deadline().toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new IllegalStateException(
            open.get() + " calls of client " + number + " never ended", e);
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
