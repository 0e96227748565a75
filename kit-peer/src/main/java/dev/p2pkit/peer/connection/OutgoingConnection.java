// The sending end of a connection.
package dev.p2pkit.peer.connection;

import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Connection;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Receipt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps up to {@value #WINDOW} messages under way. When one of them is handed back untouched, all
 * that came after it were handed back too, because the other end takes them by number; once nothing
 * is under way they go again, in order. What may have been processed is never sent again: that ends
 * the connection.
 */
final class OutgoingConnection<C> implements Connection<C> {
  private static final int WINDOW = 256;
  private static final int LEAST_WINDOW = 4;
  private static final int MOST_WAITING = 16_384;
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 500;

  /** For how long a message may be handed back before the connection is given up. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final class Entry {
    final long number;
    final Object message;
    final C context;
    final Payload body;
    final CompletableFuture<Receipt> receipt = new CompletableFuture<>();
    Delivery delivery = Delivery.NOT_DELIVERED;

    Entry(long number, Object message, C context, Payload body) {
      this.number = number;
      this.message = message;
      this.context = context;
      this.body = body;
    }
  }

  private final long id;
  private final PeerId peer;
  private final String accessPoint;
  private final Connections around;
  private final CompletableFuture<List<Unacknowledged<C>>> ended = new CompletableFuture<>();

  // All below is guarded by this.
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private final ArrayDeque<Entry> unsent = new ArrayDeque<>();
  private long numbers;
  private int underWay;
  private int window = WINDOW;
  private boolean pausing;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private long progressAt = System.nanoTime();
  private @Nullable KitException cause;
  private boolean finished;

  OutgoingConnection(long id, PeerId peer, String accessPoint, Connections around) {
    this.id = id;
    this.peer = peer;
    this.accessPoint = accessPoint;
    this.around = around;
  }

  @Override
  public PeerId peer() {
    return peer;
  }

  @Override
  public String accessPoint() {
    return accessPoint;
  }

  @Override
  public CompletableFuture<Receipt> send(Object message, C context) {
    Payload body;
    try {
      body = Payload.of(message);
    } catch (IllegalArgumentException e) {
      return failed(ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
    }
    Entry entry;
    synchronized (this) {
      if (cause != null) {
        return failed(ErrorCode.CLOSED, cause.detail());
      }
      if (entries.size() >= MOST_WAITING) {
        return failed(ErrorCode.BUSY, MOST_WAITING + " messages wait in this connection");
      }
      entry = new Entry(++numbers, message, context, body);
      entries.add(entry);
      unsent.add(entry);
      pump();
    }
    return entry.receipt;
  }

  private static CompletableFuture<Receipt> failed(ErrorCode code, String detail) {
    return CompletableFuture.failedFuture(new KitException(code, detail));
  }

  /** Sends what the window has room for; under the lock, so that numbers leave in order. */
  private synchronized void pump() {
    if (pausing || cause != null) {
      return;
    }
    while (underWay < window && !pausing && cause == null && !unsent.isEmpty()) {
      Entry entry = unsent.remove();
      underWay++;
      CompletableFuture<?> unused =
          around
              .call(peer, new Frame.Data(id, entry.number, entry.body))
              .whenComplete((done, thrown) -> settled(entry, thrown));
    }
  }

  private void settled(Entry entry, @Nullable Throwable thrown) {
    boolean acknowledged = thrown == null;
    synchronized (this) {
      underWay--;
      if (thrown == null) {
        entries.remove(entry);
        window = Math.min(WINDOW, window + 1);
        progressAt = System.nanoTime();
        pauseMillis = FIRST_PAUSE_MILLIS;
      } else {
        refused(entry, KitException.from(thrown));
      }
    }
    if (acknowledged) {
      entry.receipt.complete(new Receipt(peer, Ack.PROCESSED));
    }
    goOn();
  }

  private synchronized void refused(Entry entry, KitException failure) {
    entry.delivery = failure.code().delivery();
    boolean untouched = entry.delivery == Delivery.NOT_DELIVERED && failure.code().retryable();
    if (!untouched || System.nanoTime() - progressAt > PATIENCE.toNanos()) {
      cause = cause == null ? failure : cause;
    } else if (!pausing) {
      pausing = true;
      // All that came after it went in vain: fewer at once until it goes well again.
      window = Math.max(LEAST_WINDOW, window / 2);
    }
  }

  /** After every change: goes on, waits, or ends. */
  private void goOn() {
    long pause = 0;
    List<Entry> left = null;
    synchronized (this) {
      if (finished || underWay > 0) {
        if (!pausing) {
          pump();
        }
        return;
      }
      if (cause != null) {
        finished = true;
        left = new ArrayList<>(entries);
        entries.clear();
      } else if (pausing) {
        pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
      } else {
        pump();
      }
    }
    if (left != null) {
      finish(left);
    } else if (pause > 0) {
      around.after(
          Duration.ofMillis(pause),
          () -> {
            synchronized (this) {
              pausing = false;
              unsent.clear();
              unsent.addAll(entries);
            }
            goOn();
          });
    }
  }

  private void finish(List<Entry> left) {
    List<Unacknowledged<C>> unacknowledged = new ArrayList<>(left.size());
    for (Entry entry : left) {
      unacknowledged.add(new Unacknowledged<>(entry.message, entry.context, entry.delivery));
    }
    around.ended(this, id, unacknowledged.size());
    ended.complete(List.copyOf(unacknowledged));
    KitException why = cause;
    String detail = why == null ? "the connection was closed" : why.detail();
    for (Entry entry : left) {
      ErrorCode code =
          entry.delivery == Delivery.UNKNOWN ? ErrorCode.DELIVERY_UNKNOWN : ErrorCode.CLOSED;
      entry.receipt.completeExceptionally(new KitException(code, detail));
    }
  }

  /** The other peer is gone, or this one closes. */
  void giveUp(ErrorCode code, String detail) {
    synchronized (this) {
      cause = cause == null ? new KitException(code, detail) : cause;
    }
    goOn();
  }

  @Override
  public CompletableFuture<List<Unacknowledged<C>>> end() {
    giveUp(ErrorCode.CLOSED, "the connection was closed by its sender");
    return ended();
  }

  @Override
  public CompletableFuture<List<Unacknowledged<C>>> ended() {
    return ended.copy();
  }
}
