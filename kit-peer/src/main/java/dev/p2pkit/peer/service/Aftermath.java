// Lets a turn that ended well take effect.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
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
  private final Set<Alarm> alarms = ConcurrentHashMap.newKeySet();

  Aftermath(ServiceKey key, Mailbox mailbox, Surroundings surroundings, Runnable wake) {
    this.key = key;
    this.mailbox = mailbox;
    this.surroundings = surroundings;
    this.wake = wake;
  }

  /** Carries out what the turn has collected. */
  void apply(Turn turn) {
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
      start(timer);
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

  /** A message that is to come; forgotten when it has. */
  private final class Alarm implements Runnable {
    private final Message message;
    private volatile @Nullable Future<?> future;

    Alarm(Message message) {
      this.message = message;
    }

    @Override
    public void run() {
      if (!alarms.remove(this)) {
        return;
      }
      switch (mailbox.offerReserved(Letter.unclaimed(message))) {
        case WAKE -> wake.run();
        case QUEUED -> {
          // The owner finds it.
        }
        case FULL, TOO_LARGE, CLOSED ->
            surroundings.ledger().setAside(key, message, "the service ended before it was due");
      }
    }
  }

  private void start(Turn.Timer timer) {
    Alarm alarm = new Alarm(timer.message());
    alarms.add(alarm);
    alarm.future = surroundings.threads().later(alarm, timer.delayNanos());
  }

  /** Gives up what is to come: a timer must not keep a service that has ended. */
  void cancelTimers(String reason) {
    for (Alarm alarm : List.copyOf(alarms)) {
      if (alarms.remove(alarm)) {
        Future<?> future = alarm.future;
        if (future != null) {
          future.cancel(false);
        }
        surroundings.ledger().setAside(key, alarm.message, reason);
      }
    }
  }
}
