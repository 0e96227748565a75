// A message in a test, and what became of it.
package dev.p2pkit.peer.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Records the answer, and fails the test if there are two. */
final class Call implements Incoming {
  static final PeerId HERE = new PeerId(Key.of(7));
  static final Address CALLER = Address.ofPeer(new PeerId(Key.of(9)), "reply");

  private final Message message;
  private final long deadlineNanos;
  private final CompletableFuture<Payload> answer = new CompletableFuture<>();
  private final boolean early;
  private Optional<Once> once = Optional.empty();
  final AtomicBoolean twice = new AtomicBoolean();

  /** What {@link #processed} leaves. */
  static final Payload PROCESSED = Payload.tree("processed");

  Call(Message message, long deadlineNanos) {
    this(message, deadlineNanos, false);
  }

  private Call(Message message, long deadlineNanos, boolean early) {
    this.message = message;
    this.deadlineNanos = deadlineNanos;
    this.early = early;
  }

  /** Its sender waits only until it is in the mailbox; by then its deadline has passed, too. */
  static Call early(String accessPoint, Object body) {
    return new Call(send(accessPoint, body).message(), System.nanoTime() - 1, true);
  }

  /** One that its sender repeats until it has the answer. */
  static Call once(Once once, Object body) {
    Call call = rpc("svc", body);
    call.once = Optional.of(once);
    return call;
  }

  @Override
  public Optional<Once> once() {
    return once;
  }

  static Call of(String accessPoint, Object body, Optional<Address> replyTo) {
    return new Call(
        new Message(
            new Source.OfClient(),
            new Destination.OfPeer(HERE),
            accessPoint,
            Payload.of(body),
            replyTo),
        System.nanoTime() + TimeUnit.SECONDS.toNanos(60));
  }

  static Call rpc(String accessPoint, Object body) {
    return of(accessPoint, body, Optional.of(CALLER));
  }

  static Call send(String accessPoint, Object body) {
    return of(accessPoint, body, Optional.empty());
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
    return early;
  }

  @Override
  public void processed() {
    twice.compareAndSet(false, !answer.complete(PROCESSED));
  }

  @Override
  public void reply(Payload body) {
    twice.compareAndSet(false, !answer.complete(body));
  }

  @Override
  public void fail(ErrorCode code, String detail) {
    twice.compareAndSet(false, !answer.completeExceptionally(new KitException(code, detail)));
  }

  boolean hasFailed() {
    return answer.isCompletedExceptionally();
  }

  /** Waits for the answer, and says whether it is this failure. */
  boolean hasFailedWith(ErrorCode code) {
    try {
      answer();
      return false;
    } catch (CompletionException e) {
      return KitException.from(e).code() == code;
    }
  }

  boolean isAnswered() {
    return answer.isDone();
  }

  Payload answer() {
    try {
      Payload body = answer.get(30, TimeUnit.SECONDS);
      assertThat(twice).isFalse();
      return body;
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
  }

  <T> T answer(Class<T> type) {
    return answer().as(type);
  }

  KitException failure() {
    try {
      Payload body = answer();
      throw new AssertionError("it was answered with " + body);
    } catch (CompletionException e) {
      return KitException.from(e);
    }
  }
}
