// A broadcast that has arrived here, as the access points see it.
package dev.p2pkit.peer;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers only whether the message was refused at once: that is what a broadcast's report can
 * say.
 */
final class BroadcastArrival implements Incoming {
  private static final long LIFE = Duration.ofMinutes(1).toNanos();

  private final Message message;
  private final long deadlineNanos = System.nanoTime() + LIFE;
  private final Optional<String> version;
  private volatile @Nullable ErrorCode refusal;

  BroadcastArrival(BroadcastBody broadcast, PeerId origin, PeerId self) {
    version = broadcast.version();
    message =
        new Message(
            broadcast.fromClient() ? new Source.OfClient() : new Source.OfPeer(origin),
            new Destination.OfPeer(self),
            broadcast.accessPoint(),
            broadcast.body(),
            Optional.empty());
  }

  /** Why it was not taken; empty if it was. */
  Optional<ErrorCode> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public Optional<String> version() {
    return version;
  }

  @Override
  public Message message() {
    return message;
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public boolean enqueuedIsEnough() {
    return true;
  }

  @Override
  public void processed() {
    // Nobody waits for the end of a broadcast's turns.
  }

  @Override
  public void reply(Payload body) {
    // A broadcast is not a call.
  }

  @Override
  public void fail(ErrorCode code, String detail) {
    refusal = code;
  }
}
