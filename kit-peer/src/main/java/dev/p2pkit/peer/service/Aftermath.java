// Lets a turn that ended well take effect.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what a turn has collected: messages put back, timers, calls, and last the answer, so
 * that whoever has it finds everything else done. For the owner of the processor.
 */
final class Aftermath {
  private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);

  private final ServiceKey key;
  private final Mailbox mailbox;
  private final Surroundings surroundings;
  private final Runnable wake;
  private final Graveyard graveyard;
  private final Set<Alarm> alarms = ConcurrentHashMap.newKeySet();

  /** Takes letters that nobody waits for and that cannot be processed. */
  @FunctionalInterface
  interface Graveyard {
    void setAside(Letter letter, ErrorCode code, String reason);
  }

  Aftermath(
      ServiceKey key,
      Mailbox mailbox,
      Surroundings surroundings,
      Runnable wake,
      Graveyard graveyard) {
    this.key = key;
    this.graveyard = graveyard;
    this.mailbox = mailbox;
    this.surroundings = surroundings;
    this.wake = wake;
  }

  /** Carries out what the turn has collected. */
  void apply(Turn turn) {
    boolean kept = enqueue(turn, Optional.empty(), new Batch());
    makeVisible(turn, kept, startable(turn));
  }

  /**
   * The same for a service with durable state: what others see of the turn waits until it is on the
   * disk.
   */
  void apply(Turn turn, StateKeeper.Good state, DurableState durable) {
    Letter letter = turn.letter();
    Batch batch = new Batch();
    boolean kept = enqueue(turn, Optional.of(durable), batch);
    if (!kept) {
      durable.letters().drop(batch, letter);
    }
    List<Alarm> due = startable(turn);
    for (Alarm alarm : due) {
      durable.letters().keep(batch, alarm.letter, StoredLetter.Place.TIMER, alarm.dueMillis);
    }
    boolean answered = !kept || turn.answer() != null;
    if (answered && letter.once().isPresent()) {
      durable
          .window()
          .answered(
              letter.once().get(),
              StoredAnswer.outcome(turn),
              letter.remainingNanos(System.nanoTime()),
              batch);
    }
    durable.ended(
        turn,
        state,
        batch,
        () -> {
          if (answered) {
            letter.once().ifPresent(durable.window()::stored);
          }
          makeVisible(turn, kept, due);
        });
  }

  /** Puts into the mailbox what belongs there; true if the letter itself is there again. */
  private boolean enqueue(Turn turn, Optional<DurableState> durable, Batch batch) {
    Letter letter = turn.letter();
    List<Letter> front = pushed(turn);
    boolean kept = front.contains(letter);
    if (turn.resumesDeferred()) {
      List<Letter> resumed = mailbox.resumeDeferred();
      durable.ifPresent(state -> state.letters().keepInFront(batch, resumed));
    }
    mailbox.pushFront(front);
    durable.ifPresent(state -> state.letters().keepInFront(batch, front));
    if (turn.deferred() && !kept) {
      kept = true;
      mailbox.defer(letter);
      durable.ifPresent(state -> state.letters().keepDeferred(batch, letter));
    } else if (!kept) {
      mailbox.release(letter.bytes());
    }
    return kept;
  }

  private List<Alarm> startable(Turn turn) {
    List<Alarm> all = new ArrayList<>(turn.timers().size());
    for (Turn.Timer timer : turn.timers()) {
      all.add(
          new Alarm(
              Letter.unclaimed(timer.message()),
              System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(timer.delayNanos())));
    }
    return all;
  }

  private void makeVisible(Turn turn, boolean kept, List<Alarm> due) {
    due.forEach(this::start);
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
        surroundings.ledger().reply(turn.version(), message.replyTo().get(), reply.body());
      }
    } else if (answer instanceof Turn.Answer.Refusal refusal) {
      letter.fail(refusal.code(), refusal.detail());
    } else if (!kept) {
      letter.processed();
    }
  }

  /** A message that is to come; forgotten when it has. */
  private final class Alarm implements Runnable {
    private final Letter letter;
    private final long dueMillis;
    private volatile @Nullable Future<?> future;

    Alarm(Letter letter, long dueMillis) {
      this.letter = letter;
      this.dueMillis = dueMillis;
    }

    @Override
    public void run() {
      if (!alarms.remove(this)) {
        return;
      }
      switch (mailbox.offerReserved(letter)) {
        case WAKE -> wake.run();
        case QUEUED -> {
          // The owner finds it.
        }
        case FULL, TOO_LARGE, CLOSED -> {
          if (letter.storedAs() == 0) {
            graveyard.setAside(
                letter, ErrorCode.NO_SUCH_SERVICE, "the service ended before it was due");
          }
        }
      }
    }
  }

  private void start(Alarm alarm) {
    alarms.add(alarm);
    long delay = Math.max(0, alarm.dueMillis - System.currentTimeMillis());
    alarm.future = surroundings.threads().later(alarm, TimeUnit.MILLISECONDS.toNanos(delay));
  }

  /** Begins to wait for what a state file says is to come. */
  void restore(Letter letter, long dueMillis) {
    mailbox.reserveAlways(letter.bytes());
    start(new Alarm(letter, dueMillis));
  }

  /** Makes everything that is to come part of a state. */
  void keepTimers(DurableState durable, Batch into) {
    for (Alarm alarm : alarms) {
      durable.letters().keep(into, alarm.letter, StoredLetter.Place.TIMER, alarm.dueMillis);
    }
  }

  /** The letters that are to come. */
  List<Letter> timers() {
    return alarms.stream().map(alarm -> alarm.letter).toList();
  }

  /** Forgets what is to come: a state file says it anew. */
  void forgetTimers() {
    for (Alarm alarm : List.copyOf(alarms)) {
      if (cancel(alarm)) {
        mailbox.release(alarm.letter.bytes());
      }
    }
  }

  private boolean cancel(Alarm alarm) {
    if (!alarms.remove(alarm)) {
      return false;
    }
    Future<?> future = alarm.future;
    if (future != null) {
      future.cancel(false);
    }
    return true;
  }

  /**
   * Gives up what is to come: a timer must not keep a service that has ended.
   *
   * @param stored whether what a state file holds is not lost with it
   */
  void cancelTimers(ErrorCode code, String reason, boolean stored) {
    for (Alarm alarm : List.copyOf(alarms)) {
      if (cancel(alarm) && !(stored && alarm.letter.storedAs() != 0)) {
        graveyard.setAside(alarm.letter, code, reason);
      }
    }
  }
}
