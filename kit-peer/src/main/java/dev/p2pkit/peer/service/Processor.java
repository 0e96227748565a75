// One processor: its mailbox, its version and state, and one turn at a time.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Execution;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.ServiceDescriptor.Handler;
import dev.p2pkit.sdk.ServiceStatus;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the turns of one (service, instance). Whoever owns it, by the rules of {@link Mailbox}, runs
 * turns until the mailbox is empty or its batch is used up; version and state change only in the
 * owner's hands. The one exception is the watch, which becomes the owner by fencing the turn that
 * runs.
 */
final class Processor {
  private static final Logger LOG = LoggerFactory.getLogger(Processor.class);
  private static final int MOST_FAILURES = 3;

  private final ServiceKey key;
  private final Surroundings surroundings;
  private final Mailbox mailbox;
  private final Supervision supervision;
  private final Upgrades upgrades;
  private volatile Version version;
  private volatile StateKeeper state;
  private volatile @Nullable Turn running;
  private volatile ServiceStatus.OnPeer status;

  /** How a turn went. */
  private sealed interface Result {
    record Done(@Nullable Object state, StateKeeper.Good captured) implements Result {}

    record Refused(ErrorCode code, String detail) implements Result {}

    record Crashed(String reason) implements Result {}

    /** The handler's stage is open. */
    record Pending() implements Result {}
  }

  Processor(Surroundings surroundings, Version version, StateKeeper state, long millis) {
    this.key = version.release().key();
    this.surroundings = surroundings;
    this.version = version;
    this.state = state;
    this.mailbox =
        new Mailbox(version.manifest().mailboxMessages(), version.manifest().mailboxBytes());
    this.supervision = new Supervision(surroundings.config());
    this.upgrades = new Upgrades(this, surroundings);
    this.status = describe(Phase.ACTIVE, millis, "");
    surroundings.status(key, status);
  }

  ServiceKey key() {
    return key;
  }

  Version version() {
    return version;
  }

  StateKeeper state() {
    return state;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Upgrades upgrades() {
    return upgrades;
  }

  ServiceStatus.OnPeer status() {
    return status;
  }

  private ServiceStatus.OnPeer describe(Phase phase, long millis, String detail) {
    return new ServiceStatus.OnPeer(
        surroundings.self(),
        phase,
        version.release().epoch(),
        version.manifest().version(),
        millis,
        detail);
  }

  void enter(Phase phase, long millis, String detail) {
    status = describe(phase, millis, detail);
    surroundings.status(key, status);
  }

  /** Takes a message in; from any thread. */
  void accept(Incoming incoming) {
    if (!supervision.admits()) {
      surroundings.ledger().refused.increment();
      incoming.fail(ErrorCode.SERVICE_CRASHED, status.detail());
      return;
    }
    switch (mailbox.offer(Letter.of(incoming))) {
      case WAKE -> {
        incoming.enqueued();
        if (version.manifest().execution() == Execution.EVENT_LOOP) {
          run();
        } else {
          wake();
        }
      }
      case QUEUED -> incoming.enqueued();
      case FULL -> {
        surroundings.ledger().refused.increment();
        supervision.trialMissed();
        incoming.fail(
            ErrorCode.MAILBOX_FULL,
            "the mailbox of " + key + " on this peer is full; send more slowly and try again");
      }
      case CLOSED -> incoming.fail(ErrorCode.NO_SUCH_SERVICE, key + " was removed");
    }
  }

  /** Lets somebody else go on; for the owner. */
  void wake() {
    surroundings.threads().turns(version.manifest().execution()).execute(this::run);
  }

  /** Runs turns; for the owner. */
  private void run() {
    for (int turns = 0; turns < surroundings.config().batch(); turns++) {
      Mailbox.Work work = mailbox.next();
      if (work == null) {
        return;
      }
      if (work instanceof Mailbox.Command command) {
        command.start();
        return;
      }
      if (!turn((Letter) work)) {
        return;
      }
    }
    // Others shall have their turn, also on an event loop, which then is rid of the rest.
    wake();
  }

  /** One turn; false if this thread owns the processor no more. */
  private boolean turn(Letter letter) {
    long now = System.nanoTime();
    if (letter.expired(now)) {
      mailbox.release(letter.bytes());
      surroundings.ledger().refused.increment();
      supervision.trialMissed();
      letter.fail(
          ErrorCode.BUSY, "the sender's deadline passed in the mailbox; it was not processed");
      return true;
    }
    if (supervision.isShut()) {
      mailbox.release(letter.bytes());
      giveUp(letter, ErrorCode.SERVICE_CRASHED, status.detail());
      return true;
    }
    Version present = version;
    Turn turn = new Turn(letter, present, mailbox, now + present.manifest().turn().toNanos());
    running = turn;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(present.loader());
    Result result;
    try {
      result = handle(turn, present);
    } finally {
      thread.setContextClassLoader(before);
    }
    return !(result instanceof Result.Pending) && finish(turn, result);
  }

  private Result handle(Turn turn, Version present) {
    StateKeeper keeper = state;
    try {
      Dispatch.Matched matched = present.dispatch().match(turn.message().body());
      Object now = keeper.forTurn();
      if (matched.handler() instanceof Handler.Direct direct) {
        Object next = direct.turn().run(matched.message(), now, turn);
        return new Result.Done(next, keeper.capture(next));
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
          : result(keeper, continuation.value, continuation.thrown);
    } catch (Throwable e) {
      return failure(e);
    }
  }

  private Result result(StateKeeper keeper, @Nullable Object next, @Nullable Throwable thrown) {
    if (thrown != null) {
      return failure(thrown);
    }
    try {
      return new Result.Done(next, keeper.capture(next));
    } catch (Throwable e) {
      return failure(e);
    }
  }

  /** A KitException is how a handler refuses a message; anything else is a crash. */
  private Result failure(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof java.util.concurrent.CompletionException && cause.getCause() != null) {
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
      surroundings.threads().workers().execute(this::resume);
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

    private void resume() {
      if (!turn.attach()) {
        return;
      }
      Version present = turn.version();
      StateKeeper keeper = state;
      Result result = present.inside(() -> result(keeper, value, thrown));
      if (finish(turn, result)) {
        run();
      }
    }
  }

  /** Ends a turn; false if this thread owns the processor no more. */
  private boolean finish(Turn turn, Result result) {
    if (!turn.end()) {
      return false;
    }
    running = null;
    if (surroundings.threads().workers().owns(Thread.currentThread())) {
      // Whatever interrupted the turn is not meant for the next one.
      boolean unused = Thread.interrupted();
    }
    Letter letter = turn.letter();
    if (result instanceof Result.Done done) {
      state.publish(done.state(), done.captured());
      surroundings.ledger().turns.increment();
      if (supervision.succeeded()) {
        enter(Phase.ACTIVE, 0, "");
      }
      apply(turn);
      return true;
    }
    state.rollBack();
    turn.discard();
    if (result instanceof Result.Refused refused) {
      mailbox.release(letter.bytes());
      supervision.trialMissed();
      giveUp(letter, refused.code(), refused.detail());
      return true;
    }
    surroundings.ledger().crashes.increment();
    String reason =
        result instanceof Result.Crashed crashed ? crashed.reason() : "its stage never completed";
    settle(letter, "the processor of " + key + " threw: " + reason);
    return recover(reason);
  }

  /** Lets a turn that ended well take effect. */
  private void apply(Turn turn) {
    Letter letter = turn.letter();
    List<Letter> front = pushed(turn);
    boolean kept = front.contains(letter);
    if (turn.resumesDeferred()) {
      mailbox.resumeDeferred();
    }
    mailbox.pushFront(front);
    if (turn.deferred() && !kept) {
      kept = true;
      mailbox.defer(letter);
    } else if (!kept) {
      mailbox.release(letter.bytes());
    }
    for (Turn.Timer timer : turn.timers()) {
      surroundings.threads().later(() -> fire(timer.message()), timer.delayNanos());
    }
    for (Runnable call : turn.calls()) {
      try {
        call.run();
      } catch (RuntimeException e) {
        LOG.error("a call of {} could not be made", key, e);
      }
    }
    answer(turn, kept);
  }

  /**
   * The letters that a turn puts to the front. The present one and deferred ones are themselves, so
   * that their senders are told after the next turn.
   */
  private List<Letter> pushed(Turn turn) {
    List<Message> pushed = turn.pushed();
    if (pushed.isEmpty()) {
      return List.of();
    }
    Letter letter = turn.letter();
    Map<Message, ArrayDeque<Letter>> deferred = mailbox.takeDeferred(pushed);
    List<Letter> front = new ArrayList<>(pushed.size());
    boolean kept = false;
    for (Message message : pushed) {
      ArrayDeque<Letter> known = deferred.get(message);
      if (!kept && message.equals(letter.message())) {
        kept = true;
        front.add(letter);
        mailbox.release(Letter.size(message));
      } else if (known != null && !known.isEmpty()) {
        front.add(known.removeFirst());
        mailbox.release(Letter.size(message));
      } else {
        front.add(Letter.unclaimed(message));
      }
    }
    return front;
  }

  /** Tells the sender; a message that is kept and has no answer stays open. */
  private void answer(Turn turn, boolean kept) {
    Letter letter = turn.letter();
    Turn.Answer answer = turn.answer();
    if (answer instanceof Turn.Answer.Reply reply) {
      Message message = letter.message();
      if (message.replyTo().isEmpty()) {
        letter.processed();
      } else if (!letter.reply(reply.body())) {
        // It was acknowledged in an earlier turn; the reply finds its own way.
        var unused = turn.version().network().sendTo(message.replyTo().get(), reply.body());
      }
    } else if (answer instanceof Turn.Answer.Refusal refusal) {
      letter.fail(refusal.code(), refusal.detail());
    } else if (!kept) {
      letter.processed();
    }
  }

  /** A timer's message is due. */
  private void fire(Message message) {
    Letter letter = Letter.unclaimed(message);
    switch (mailbox.offerReserved(letter)) {
      case WAKE -> wake();
      case QUEUED -> {
        // The owner finds it.
      }
      case FULL, CLOSED ->
          surroundings.ledger().setAside(key, message, "the service was removed before it was due");
    }
  }

  /** Deals with the message of a turn that failed. */
  private void settle(Letter letter, String detail) {
    if (letter.claimed()) {
      mailbox.release(letter.bytes());
      letter.fail(ErrorCode.SERVICE_CRASHED, detail);
    } else if (letter.failed() >= MOST_FAILURES) {
      mailbox.release(letter.bytes());
      surroundings.ledger().setAside(key, letter.message(), detail);
    } else {
      // Nobody could be told and nobody would send it again.
      mailbox.pushFront(List.of(letter));
    }
  }

  private void giveUp(Letter letter, ErrorCode code, String detail) {
    surroundings.ledger().refused.increment();
    if (letter.claimed()) {
      letter.fail(code, detail);
    } else {
      surroundings.ledger().setAside(key, letter.message(), detail);
    }
  }

  /** Goes on after a crash: at once, after a pause, with the version before, or not at all. */
  private boolean recover(String reason) {
    long now = System.nanoTime();
    Optional<Duration> pause = supervision.crashed(now);
    if (pause.isEmpty()) {
      stop(
          "stopped after " + surroundings.config().crashes() + " crashes, the last: " + reason,
          false);
      return true;
    }
    int parking = mailbox.park();
    if (parking == 0) {
      return true;
    }
    surroundings
        .threads()
        .later(
            () -> {
              if (mailbox.unpark(parking)) {
                wake();
              }
            },
            pause.get().toNanos());
    return false;
  }

  /** Ends a crash loop; for the owner. */
  private void stop(String detail, boolean forGood) {
    if (!upgrades.revert(detail)) {
      shut(detail, forGood);
    }
  }

  /** Answers everything with SERVICE_CRASHED from now on; for the owner. */
  void shut(String detail, boolean forGood) {
    if (forGood) {
      supervision.shutForGood();
    } else {
      supervision.shut(System.nanoTime());
    }
    enter(Phase.STOPPED, 0, detail);
    LOG.warn("{}: {}", key, detail);
    mailbox.drain().forEach(letter -> giveUp(letter, ErrorCode.SERVICE_CRASHED, detail));
  }

  /** Puts another version to use; for the owner. */
  void become(Version next, StateKeeper nextState) {
    version = next;
    state = nextState;
    mailbox.limits(next.manifest().mailboxMessages(), next.manifest().mailboxBytes());
    supervision.reset();
  }

  /** Gives up a turn that takes too long; on the thread of the watch. */
  void watch(long nowNanos) {
    Turn turn = running;
    if (turn != null && turn.overdue(nowNanos)) {
      fence(turn);
    }
    upgrades.watch(nowNanos);
  }

  private void fence(Turn turn) {
    Execution execution = turn.version().manifest().execution();
    WorkerPool workers = surroundings.threads().workers();
    boolean fenced =
        turn.fence(
            thread -> {
              if (workers.owns(thread)) {
                workers.abandon(thread);
              } else if (execution == Execution.VIRTUAL) {
                thread.interrupt();
              }
            });
    if (!fenced) {
      return;
    }
    running = null;
    // The stuck thread may come back and look at the old keeper.
    state = state.afterFence();
    surroundings.ledger().fenced.increment();
    String detail =
        key
            + " did not finish its turn in "
            + turn.version().manifest().turn().toMillis()
            + " ms; what it still does is discarded";
    LOG.warn("{}", detail);
    settle(turn.letter(), detail);
    boolean goOn;
    if (execution == Execution.EVENT_LOOP) {
      stop(detail + ", and as it blocks a network thread it is stopped until it is upgraded", true);
      goOn = true;
    } else {
      goOn = recover(detail);
    }
    if (goOn) {
      wake();
    }
  }

  /**
   * Ends the processor; for the owner, or for anybody when the whole runtime closes. The version is
   * left to be closed.
   */
  void end(ErrorCode code, String detail) {
    mailbox.close();
    Turn turn = running;
    if (turn != null && turn.fence(Thread::interrupt)) {
      running = null;
      turn.letter().fail(ErrorCode.DELIVERY_UNKNOWN, detail + " during the turn");
    }
    for (Letter letter : mailbox.drain()) {
      if (letter.claimed()) {
        letter.fail(code, detail);
      } else {
        surroundings.ledger().setAside(key, letter.message(), detail);
      }
    }
  }
}
