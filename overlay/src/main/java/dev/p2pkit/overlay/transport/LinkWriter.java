// Writes what waits in an outbox to a socket, no faster than the socket takes it.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.internal.net.NetSocketInternal;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a connection. On the socket's event loop only, except for {@link
 * #lastUsedNanos}; the outbox is shared and guarded by its owner's lock.
 */
final class LinkWriter {
  /** The socket's own queue is kept this short, so that urgent frames overtake the others here. */
  private static final int SOCKET_QUEUE_BYTES = 64 * 1024;

  private final LinkSetup setup;
  private final NetSocketInternal socket;
  private final Runnable again;
  private @Nullable Object lock;
  private @Nullable Outbox outbox;
  private boolean delayed;
  private volatile long lastUsedNanos = System.nanoTime();

  /**
   * A writer.
   *
   * @param again what to call when more may be written
   */
  LinkWriter(LinkSetup setup, NetSocketInternal socket, Runnable again) {
    this.setup = setup;
    this.socket = socket;
    this.again = again;
  }

  void start() {
    socket.setWriteQueueMaxSize(SOCKET_QUEUE_BYTES);
    socket.drainHandler(ignored -> again.run());
  }

  /** Serves this outbox from now on. Until the first {@link #flush} nobody needs to wake us. */
  void serve(Object outboxLock, Outbox queue) {
    lock = outboxLock;
    outbox = queue;
    lastUsedNanos = System.nanoTime();
    synchronized (outboxLock) {
      queue.rates(setup.config().rates(), lastUsedNanos);
      queue.scheduled = true;
    }
  }

  /** When the link last carried a message, either way; {@link System#nanoTime}. */
  long lastUsedNanos() {
    return lastUsedNanos;
  }

  void used() {
    lastUsedNanos = System.nanoTime();
  }

  /** Queues a frame of the link itself; whether {@link #flush} has to be called for it. */
  boolean enqueue(LinkFrame frame) {
    Outbox queue = outbox;
    Object guard = lock;
    if (queue == null || guard == null) {
      return false;
    }
    synchronized (guard) {
      boolean wake = queue.add(frame) && !queue.scheduled;
      queue.scheduled |= wake;
      return wake;
    }
  }

  /** Writes as much as the socket takes; whether nothing waits any more. */
  boolean flush() {
    Outbox queue = outbox;
    Object guard = lock;
    if (queue == null || guard == null) {
      return true;
    }
    while (!socket.writeQueueFull()) {
      long now = System.nanoTime();
      long delay = 0;
      Outbox.Batch batch;
      synchronized (guard) {
        batch = queue.take(now);
        if (batch == null) {
          delay = queue.delayMillis(now);
          // What is held back has a timer of its own; anything else must wake us.
          queue.scheduled = false;
        }
      }
      if (batch == null) {
        delay(delay);
        return delay == 0;
      }
      if (batch.used()) {
        lastUsedNanos = now;
      }
      write(batch.bytes());
    }
    return false;
  }

  private void delay(long millis) {
    if (millis > 0 && !delayed) {
      delayed = true;
      setup
          .vertx()
          .setTimer(
              millis,
              ignored -> {
                delayed = false;
                again.run();
              });
    }
  }

  /** Writes a frame past the queue. */
  void write(LinkFrame frame) {
    WireWriter out = new WireWriter(256);
    LinkFrame.write(frame, out);
    write(Unpooled.wrappedBuffer(out.array(), 0, out.size()));
  }

  private void write(ByteBuf bytes) {
    // A failure shows up in the close handler.
    var unused = socket.writeMessage(bytes);
  }
}
