// One subscriber of an access point's stream and what waits for it.
package dev.p2pkit.peer.access;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Buffers messages until the subscriber asks for them, and calls it on the executor, one call at a
 * time. Thread-safe; the subscriber is never called with the lock held.
 */
final class StreamSubscription implements Flow.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSubscription.class);

  private final String accessPoint;
  private final Flow.Subscriber<? super Message> subscriber;
  private final Executor executor;
  private final AccessLimits limits;
  private final Runnable leave;
  private final ArrayDeque<Message> buffer = new ArrayDeque<>();
  private long bytes;
  private long demand;
  private boolean draining;
  private boolean over;
  private @Nullable Throwable failure;

  /**
   * Without messages and without demand.
   *
   * @param leave ends the delivery to this subscription; called at most once
   */
  StreamSubscription(
      String accessPoint,
      Flow.Subscriber<? super Message> subscriber,
      Executor executor,
      AccessLimits limits,
      Runnable leave) {
    this.accessPoint = accessPoint;
    this.subscriber = subscriber;
    this.executor = executor;
    this.limits = limits;
    this.leave = leave;
  }

  /** Whether a message fits; only the one who offers adds any. */
  synchronized boolean hasRoomFor(Message message) {
    return over
        || (buffer.size() < limits.messages() && bytes + message.body().length() <= limits.bytes());
  }

  /** Buffers a message for which there was room. */
  void offer(Message message) {
    synchronized (this) {
      if (over) {
        return;
      }
      buffer.addLast(message);
      bytes += message.body().length();
      if (draining || demand == 0) {
        return;
      }
      draining = true;
    }
    executor.execute(this::drain);
  }

  /** Ends the stream with a failure; what is buffered is dropped. */
  void end(ErrorCode code, String detail) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      buffer.clear();
      failure = new KitException(code, detail);
    }
    leave.run();
    startDraining();
  }

  private void startDraining() {
    synchronized (this) {
      if (draining) {
        return;
      }
      draining = true;
    }
    executor.execute(this::drain);
  }

  @Override
  public void request(long n) {
    synchronized (this) {
      if (over) {
        return;
      }
      if (n <= 0) {
        over = true;
        buffer.clear();
        failure = new IllegalArgumentException("a subscriber asks for at least one, not " + n);
      } else {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        if (buffer.isEmpty()) {
          return;
        }
      }
    }
    if (n <= 0) {
      leave.run();
    }
    startDraining();
  }

  @Override
  public void cancel() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      buffer.clear();
    }
    leave.run();
  }

  private void drain() {
    while (true) {
      Message next;
      Throwable end;
      synchronized (this) {
        end = failure;
        failure = null;
        next = end == null && demand > 0 ? buffer.pollFirst() : null;
        if (next == null) {
          draining = false;
        } else {
          bytes -= next.body().length();
          demand -= demand == Long.MAX_VALUE ? 0 : 1;
        }
      }
      try {
        if (end != null) {
          subscriber.onError(end);
        } else if (next != null) {
          subscriber.onNext(next);
        }
      } catch (RuntimeException | Error e) {
        LOG.warn("a subscriber of {} threw and gets no more", accessPoint, e);
        cancel();
      }
      if (next == null) {
        return;
      }
    }
  }
}
