// The turn of one message: what the service may do, collected until the turn has ended well.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.MessageContext;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * One turn. Exactly one of two things happens to it: it is ended by the thread that runs it, or it
 * is fenced by the watch, and then whatever it still does is discarded. Thread-safe, because an
 * asynchronous handler may come back on any thread.
 */
final class Turn implements MessageContext {
  private enum Phase {
    RUNNING,
    ENDED,
    FENCED
  }

  /** A message that is to come after a while. */
  record Timer(long delayNanos, Message message) {}

  private final Letter letter;
  private final Version version;
  private final Mailbox mailbox;
  private final long deadlineNanos;
  private Phase phase = Phase.RUNNING;
  private @Nullable Thread thread = Thread.currentThread();
  private volatile boolean asynchronous;
  private final AtomicInteger sends = new AtomicInteger();

  private @Nullable Answer answer;
  private @Nullable List<Message> pushed;
  private @Nullable List<Timer> timers;
  private @Nullable List<Runnable> calls;
  private @Nullable List<Runnable> cancellations;
  private boolean defer;
  private boolean resume;
  private @Nullable TurnNetwork network;

  /** What the sender is told. */
  sealed interface Answer {
    /** The turn's result. */
    record Reply(Payload body) implements Answer {}

    /** The handler's own refusal. */
    record Refusal(ErrorCode code, String detail) implements Answer {}
  }

  Turn(Letter letter, Version version, Mailbox mailbox, long deadlineNanos) {
    this.letter = letter;
    this.version = version;
    this.mailbox = mailbox;
    this.deadlineNanos = deadlineNanos;
  }

  Letter letter() {
    return letter;
  }

  Version version() {
    return version;
  }

  /** When it began, on the scale of {@link System#nanoTime()}. */
  long beganNanos() {
    return deadlineNanos - version.manifest().turn().toNanos();
  }

  boolean overdue(long nowNanos) {
    return nowNanos - deadlineNanos > 0;
  }

  /** The handler returns a stage: calls leave at once. */
  void beAsynchronous() {
    asynchronous = true;
  }

  boolean isAsynchronous() {
    return asynchronous;
  }

  /** The thread goes on to other work while the stage is open. */
  synchronized void detach() {
    thread = null;
  }

  /** A thread takes the turn up again; false if it was fenced meanwhile. */
  synchronized boolean attach() {
    thread = Thread.currentThread();
    return phase == Phase.RUNNING;
  }

  /** Ends the turn; false if it was fenced, and then nothing of it may take effect. */
  synchronized boolean end() {
    if (phase != Phase.RUNNING) {
      return false;
    }
    phase = Phase.ENDED;
    return true;
  }

  /**
   * Fences the turn; false if it has ended.
   *
   * @param abandon is given the thread that is stuck in it, if there is one, which cannot leave the
   *     turn meanwhile
   */
  boolean fence(Consumer<Thread> abandon) {
    synchronized (this) {
      if (phase != Phase.RUNNING) {
        return false;
      }
      phase = Phase.FENCED;
      if (thread != null) {
        abandon.accept(thread);
      }
    }
    discard();
    return true;
  }

  private void checkRunning() {
    if (phase != Phase.RUNNING) {
      throw new KitException(ErrorCode.CANCELLED, cancelled());
    }
  }

  String cancelled() {
    return "the turn of this message is over; use a context only until its handler has returned";
  }

  @Override
  public Message message() {
    return letter.message();
  }

  @Override
  public long ownershipEpoch() {
    return letter.ownershipEpoch();
  }

  @Override
  public PeerContext peer() {
    return version.place();
  }

  @Override
  public void reply(@Nullable Object value) {
    Payload body = Payload.of(value, letter.message().body().format());
    synchronized (this) {
      checkRunning();
      if (answer == null) {
        answer = new Answer.Reply(body);
      }
    }
  }

  @Override
  public synchronized void fail(ErrorCode code, String detail) {
    checkRunning();
    if (answer == null) {
      answer = new Answer.Refusal(code, detail);
    }
  }

  @Override
  public synchronized Network network() {
    checkRunning();
    if (network == null) {
      network = new TurnNetwork(this, version.network());
    }
    return network;
  }

  @Override
  public synchronized void pushMessages(List<Message> messages) {
    checkRunning();
    List<Message> all = new ArrayList<>(List.copyOf(messages));
    int fit = 0;
    try {
      for (Message message : all) {
        reserve(message);
        fit++;
      }
    } catch (KitException e) {
      // All or none: a handler may catch this and go on.
      all.subList(0, fit).forEach(message -> mailbox.release(Letter.size(message)));
      throw e;
    }
    // A later push goes before an earlier one, as both go to the front.
    all.addAll(pushed());
    pushed = all;
  }

  @Override
  public synchronized void defer() {
    checkRunning();
    defer = true;
  }

  @Override
  public synchronized void resumeDeferred() {
    checkRunning();
    resume = true;
  }

  @Override
  public void schedule(Duration delay, Object message) {
    if (delay.isNegative() || delay.compareTo(Duration.ofDays(3_650)) > 0) {
      throw new IllegalArgumentException("a delay lies between 0 and 10 years, not " + delay);
    }
    var self = version.place().peerId();
    Message later =
        new Message(
            new dev.p2pkit.sdk.Source.OfPeer(self),
            new dev.p2pkit.sdk.Destination.OfPeer(self),
            version.release().key().name(),
            Payload.of(message),
            java.util.Optional.empty());
    synchronized (this) {
      checkRunning();
      reserve(later);
      if (timers == null) {
        timers = new ArrayList<>();
      }
      timers.add(new Timer(delay.toNanos(), later));
    }
  }

  private void reserve(Message message) {
    long size = Letter.size(message);
    if (!mailbox.reserve(size)) {
      throw new KitException(
          ErrorCode.MAILBOX_FULL,
          "the mailbox of "
              + version.release().key()
              + " is full; raise mailboxMessages or mailboxBytes of @KitService, or keep less");
    }
  }

  @Override
  public Duration remaining() {
    long now = System.nanoTime();
    return Duration.ofNanos(Math.max(0, Math.min(deadlineNanos - now, letter.remainingNanos(now))));
  }

  @Override
  public Logger logger() {
    return version.place().logger();
  }

  /**
   * Collects a call of the network until the turn ends.
   *
   * @param call makes it
   * @param cancel what happens if the turn does not end well
   * @return false if the turn is over
   */
  synchronized boolean collect(Runnable call, Runnable cancel) {
    if (phase != Phase.RUNNING) {
      return false;
    }
    if (calls == null || cancellations == null) {
      calls = new ArrayList<>();
      cancellations = new ArrayList<>();
    }
    calls.add(call);
    cancellations.add(cancel);
    return true;
  }

  /** A call of the network is made. */
  void sends() {
    sends.incrementAndGet();
  }

  /** How many were made. */
  int sent() {
    return sends.get();
  }

  synchronized boolean isRunning() {
    return phase == Phase.RUNNING;
  }

  // What follows is for the one who has ended the turn.

  @Nullable Answer answer() {
    return answer;
  }

  List<Message> pushed() {
    return pushed == null ? List.of() : pushed;
  }

  List<Timer> timers() {
    return timers == null ? List.of() : timers;
  }

  List<Runnable> calls() {
    return calls == null ? List.of() : calls;
  }

  boolean deferred() {
    return defer;
  }

  boolean resumesDeferred() {
    return resume;
  }

  /** Takes back what a turn has collected that had ended well but could not be stored. */
  void undo() {
    synchronized (this) {
      // What it has pushed was in the mailbox, and is gone from there.
      pushed = null;
    }
    discard();
  }

  /** Gives back what the turn had reserved, and cancels its calls. */
  void discard() {
    List<Runnable> cancelled;
    synchronized (this) {
      for (Message message : pushed()) {
        mailbox.release(Letter.size(message));
      }
      for (Timer timer : timers()) {
        mailbox.release(Letter.size(timer.message()));
      }
      cancelled = cancellations == null ? List.of() : cancellations;
      pushed = null;
      timers = null;
      calls = null;
      cancellations = null;
    }
    cancelled.forEach(Runnable::run);
  }
}
