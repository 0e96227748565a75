// Calls the handler of a message and says how that went.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceDescriptor.ArcTurn;
import dev.p2pkit.sdk.ServiceDescriptor.Handler;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls handlers. All code of a service that a turn runs is run in here, within the turn's
 * deadline: decoding the message, restoring the state, the handler, encoding the next state.
 * Changes nothing of the processor.
 */
final class Handling {
  private static final Logger LOG = LoggerFactory.getLogger(Handling.class);

  private final ServiceKey key;
  private final Executor executor;
  private final Resumption resumption;
  private final StateLimit stateLimit;

  /** How a turn went. */
  sealed interface Result {
    /** Well. */
    record Done(@Nullable Object state, StateKeeper.Good captured) implements Result {}

    /** The message is not acceptable. */
    record Refused(ErrorCode code, String detail) implements Result {}

    /** The handler threw. */
    record Crashed(String reason) implements Result {}

    /** The handler's stage is open, and the thread is free. */
    record Pending() implements Result {}
  }

  /** Who goes on when the stage of a handler is complete. */
  @FunctionalInterface
  interface Resumption {
    void resume(Turn turn, @Nullable Object state, @Nullable Throwable thrown);
  }

  Handling(ServiceKey key, StateLimit stateLimit, Executor executor, Resumption resumption) {
    this.stateLimit = stateLimit;
    this.key = key;
    this.executor = executor;
    this.resumption = resumption;
  }

  /** Calls the handler, on the present thread. */
  Result handle(Turn turn, StateKeeper state) {
    try {
      ArcNotice notice = turn.letter().notice();
      if (notice != null) {
        return told(turn, notice, state);
      }
      Dispatch.Matched matched = turn.version().dispatch().match(turn.message().body());
      Object now = state.forTurn();
      if (matched.handler() instanceof Handler.Direct direct) {
        Object next = direct.turn().run(matched.message(), now, turn);
        return done(turn, state, next);
      }
      turn.beAsynchronous();
      Handler.Async handler = (Handler.Async) matched.handler();
      CompletionStage<?> stage = handler.turn().run(matched.message(), now, turn);
      if (stage == null) {
        return new Result.Crashed("the handler returned null instead of a stage");
      }
      Continuation continuation = new Continuation(turn);
      stage.whenComplete(continuation::completed);
      return continuation.detach()
          ? new Result.Pending()
          : result(turn, state, continuation.value, continuation.thrown);
    } catch (Throwable e) {
      return failure(e);
    }
  }

  /** Tells the service of an arc, if it wants to know. */
  private Result told(Turn turn, ArcNotice notice, StateKeeper state) throws Exception {
    Object now = state.forTurn();
    Optional<ArcTurn> handler = notice.handler(turn.version().descriptor());
    Object next =
        handler.isPresent() ? handler.get().run(notice.arc(), notice.epoch(), now, turn) : now;
    return done(turn, state, next);
  }

  private Result.Done done(Turn turn, StateKeeper state, @Nullable Object next) {
    StateKeeper.Good captured = state.capture(next);
    stateLimit.check(captured, turn.version().codec());
    return new Result.Done(next, captured);
  }

  /** What the stage of an asynchronous handler came to. */
  Result result(Turn turn, StateKeeper state, @Nullable Object next, @Nullable Throwable thrown) {
    if (thrown != null) {
      return failure(thrown);
    }
    try {
      return done(turn, state, next);
    } catch (Throwable e) {
      return failure(e);
    }
  }

  /** A KitException is how a handler refuses a message; anything else is a crash. */
  private Result failure(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof KitException kit && kit.code() != ErrorCode.SERVICE_CRASHED) {
      return new Result.Refused(kit.code(), Failure.describe(kit));
    }
    LOG.warn("a turn of {} failed", key, cause);
    return new Result.Crashed(Failure.describe(cause));
  }

  /** Waits for the stage of an asynchronous handler without a thread. */
  private final class Continuation {
    private final Turn turn;
    private @Nullable Object value;
    private @Nullable Throwable thrown;
    private boolean complete;
    private boolean detached;

    Continuation(Turn turn) {
      this.turn = turn;
    }

    void completed(@Nullable Object result, @Nullable Throwable failure) {
      synchronized (this) {
        value = result;
        thrown = failure;
        complete = true;
        if (!detached) {
          return;
        }
      }
      executor.execute(() -> resumption.resume(turn, result, failure));
    }

    /** Lets the thread go; false if the stage is complete already. */
    synchronized boolean detach() {
      if (complete) {
        return false;
      }
      detached = true;
      turn.detach();
      return true;
    }
  }
}
