// The program's handler of an access point and what waits for it.
package dev.p2pkit.peer.access;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives messages to a handler, one at a time, and acknowledges each when the handler returns. */
final class HandlerQueue {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerQueue.class);

  private final String accessPoint;
  private final Consumer<Message> handler;
  private final Executor executor;
  private final AccessLimits limits;
  private final ArrayDeque<Incoming> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean draining;
  private boolean closed;

  HandlerQueue(
      String accessPoint, Consumer<Message> handler, Executor executor, AccessLimits limits) {
    this.accessPoint = accessPoint;
    this.handler = handler;
    this.executor = executor;
    this.limits = limits;
  }

  void offer(Incoming incoming) {
    long size = incoming.message().body().length();
    ErrorCode refusal = null;
    boolean wake = false;
    synchronized (this) {
      if (closed) {
        refusal = ErrorCode.CLOSED;
      } else if (waiting.size() >= limits.messages() || bytes + size > limits.bytes()) {
        refusal = ErrorCode.MAILBOX_FULL;
      } else {
        waiting.addLast(incoming);
        bytes += size;
        wake = !draining;
        draining = true;
      }
    }
    if (refusal != null) {
      incoming.fail(
          refusal,
          refusal == ErrorCode.CLOSED
              ? "this peer is closed"
              : "too much waits for the handler of this access point; send more slowly and try"
                  + " again");
      return;
    }
    incoming.enqueued();
    if (wake) {
      executor.execute(this::drain);
    }
  }

  private synchronized @Nullable Incoming next() {
    Incoming next = waiting.pollFirst();
    if (next == null) {
      draining = false;
    } else {
      bytes -= next.message().body().length();
    }
    return next;
  }

  private void drain() {
    for (Incoming next = next(); next != null; next = next()) {
      // A message that was acknowledged when it was enqueued must not be dropped for its age.
      if (!next.enqueuedIsEnough() && System.nanoTime() - next.deadlineNanos() > 0) {
        next.fail(ErrorCode.BUSY, "the sender's deadline passed before the handler was free");
      } else {
        handle(next);
      }
    }
  }

  private void handle(Incoming incoming) {
    try {
      handler.accept(incoming.message());
    } catch (KitException e) {
      incoming.fail(e.code(), e.detail());
      return;
    } catch (RuntimeException | Error e) {
      LOG.warn("the handler of {} threw", accessPoint, e);
      incoming.fail(
          ErrorCode.SERVICE_CRASHED,
          "the handler of this access point threw " + e.getClass().getName());
      return;
    }
    incoming.processed();
  }

  void close() {
    List<Incoming> rest;
    synchronized (this) {
      closed = true;
      rest = new ArrayList<>(waiting);
      waiting.clear();
    }
    rest.forEach(incoming -> incoming.fail(ErrorCode.CLOSED, "this peer was closed"));
  }
}
