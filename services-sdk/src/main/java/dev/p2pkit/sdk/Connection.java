// An ordered stream of messages to one peer that hands back what was not acknowledged.
package dev.p2pkit.sdk;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A stream of messages to an access point of one peer. They are processed in the order of the
 * calls, each once, without a gap: a message that the other peer cannot take just now is sent
 * again, and none that comes after it is taken before it. The stream ends when it is closed, when
 * the other peer is gone, or when a message may have been processed without a word of it; the
 * messages that were not acknowledged by then are handed back with their contexts.
 *
 * <p>Both peers get an event when a connection opens and when it closes ({@link
 * NetworkEvent.ConnectionOpened}, {@link NetworkEvent.ConnectionClosed}). Thread-safe.
 *
 * @param <C> what the sender wants back with a message that was not acknowledged
 */
public interface Connection<C> extends AutoCloseable {
  /** The peer at the other end. */
  PeerId peer();

  /** The access point at which the messages arrive. */
  String accessPoint();

  /**
   * Sends the next message. The stage completes when its turn there has ended; it fails when the
   * connection ends before, with {@link ErrorCode#CLOSED} if the message was certainly not
   * processed, else with {@link ErrorCode#DELIVERY_UNKNOWN}. Fails at once with {@link
   * ErrorCode#BUSY} if too many messages wait.
   */
  CompletableFuture<Receipt> send(Object message, C context);

  /**
   * Ends the stream: nothing more is sent. Completes, like {@link #ended}, with what was not
   * acknowledged, as soon as the fate of what is under way is known.
   */
  CompletableFuture<List<Unacknowledged<C>>> end();

  /** Completes when the stream has ended, by whatever cause, with what was not acknowledged. */
  CompletableFuture<List<Unacknowledged<C>>> ended();

  /** {@link #end} without waiting. */
  @Override
  default void close() {
    CompletableFuture<?> unused = end();
  }

  /**
   * A message that was not acknowledged.
   *
   * @param message as it was given to {@link #send}
   * @param context as it was given to {@link #send}
   * @param delivery whether the message may have been processed all the same
   */
  record Unacknowledged<C>(Object message, C context, Delivery delivery) {}
}
