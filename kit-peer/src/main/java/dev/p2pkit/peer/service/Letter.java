// A message as it waits in a mailbox: header and bytes, and who must be told what became of it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message in a mailbox. Its sender, if one waits, is told once; a letter that is put back into
 * the mailbox takes the duty with it.
 */
final class Letter implements Mailbox.Work {
  /** What a message costs beside its body. */
  private static final int OVERHEAD = 64;

  private static final Message NONE =
      new Message(
          new Source.OfClient(),
          new Destination.OfKey(Key.ZERO),
          "-",
          Payload.of(null),
          Optional.empty());

  private final Message message;
  private long deadlineNanos;
  private @Nullable Incoming incoming;
  private final long ownershipEpoch;
  private final @Nullable ArcNotice notice;
  private List<Incoming> joined = List.of();
  private boolean over;
  private Optional<Once> once = Optional.empty();
  private long storedAs;
  private Runnable beforeFailure = () -> {};
  private int failures;

  private Letter(
      Message message,
      @Nullable Incoming incoming,
      long deadlineNanos,
      long ownershipEpoch,
      @Nullable ArcNotice notice) {
    this.ownershipEpoch = ownershipEpoch;
    this.notice = notice;
    this.message = message;
    this.incoming = incoming;
    this.deadlineNanos = deadlineNanos;
  }

  static Letter of(Incoming incoming) {
    Letter letter =
        new Letter(
            incoming.message(),
            incoming,
            incoming.deadlineNanos(),
            incoming.ownershipEpoch(),
            null);
    letter.once = incoming.once();
    return letter;
  }

  /** A message that a state file holds. */
  static Letter stored(SavedState.Letter saved) {
    Letter letter = unclaimed(saved.stored().message());
    letter.once = saved.stored().once();
    letter.storedAs = saved.id();
    return letter;
  }

  /** Stands for a message that was answered before this process began. */
  static Letter answered() {
    Letter letter = unclaimed(NONE);
    letter.over = true;
    return letter;
  }

  /** A message for which nobody waits: a timer, or one that was acknowledged before. */
  static Letter unclaimed(Message message) {
    return new Letter(message, null, 0, 0, null);
  }

  /** An arc that came or went; the message is for the log only. */
  static Letter of(ArcNotice notice, Message message) {
    return new Letter(message, null, 0, notice.epoch(), notice);
  }

  /** The arc that came or went; null if this is a message. */
  @Nullable ArcNotice notice() {
    return notice;
  }

  /** The epoch under which it was accepted. */
  long ownershipEpoch() {
    return ownershipEpoch;
  }

  /** Whether its turn may begin: nobody waits, or this peer still owns what it is addressed to. */
  boolean stillOwned() {
    Incoming sender;
    synchronized (this) {
      sender = incoming;
    }
    return sender == null || sender.stillOwned();
  }

  /** Which other version than this one the sender waits for; empty if this one will do. */
  Optional<String> otherVersion(String present) {
    Incoming sender;
    synchronized (this) {
      sender = incoming;
    }
    return sender == null
        ? Optional.empty()
        : sender.version().filter(wanted -> !wanted.equals(present));
  }

  Message message() {
    return message;
  }

  long bytes() {
    return size(message);
  }

  static long size(Message message) {
    return (long) message.body().length() + OVERHEAD;
  }

  /** What it is known by if its sender repeats it. */
  Optional<Once> once() {
    return once;
  }

  /** What happens before its sender hears that it failed, and may send it again. */
  void beforeFailure(Runnable action) {
    beforeFailure = action;
  }

  /** Its number in the state file; 0 if it is not there. For the owner of the processor. */
  long storedAs() {
    return storedAs;
  }

  /** It is in the state file, or will be with the next commit. */
  void storedAs(long number) {
    storedAs = number;
  }

  /** One more copy has come, and its sender waits as well; false if the answer is given. */
  synchronized boolean join(Incoming copy) {
    if (over) {
      return false;
    }
    if (incoming == null) {
      incoming = copy;
      deadlineNanos = copy.deadlineNanos();
    } else {
      joined = joined.isEmpty() ? new ArrayList<>() : joined;
      joined.add(copy);
      deadlineNanos =
          copy.deadlineNanos() - deadlineNanos > 0 ? copy.deadlineNanos() : deadlineNanos;
    }
    return true;
  }

  /** Whether a sender waits for the outcome. */
  synchronized boolean claimed() {
    return incoming != null;
  }

  /** Whether the sender has given up; a letter for which nobody waits never expires. */
  synchronized boolean expired(long nowNanos) {
    return incoming != null && nowNanos - deadlineNanos > 0;
  }

  /** What the sender still waits, in nanoseconds; {@link Long#MAX_VALUE} if nobody does. */
  synchronized long remainingNanos(long nowNanos) {
    return incoming != null ? deadlineNanos - nowNanos : Long.MAX_VALUE;
  }

  /** How many turns of it have failed, this one included. */
  int failed() {
    return ++failures;
  }

  /**
   * It is in the mailbox. A sender for whom that is enough waits no longer, and what becomes of the
   * letter is this peer's own concern from now on.
   */
  void enqueued(Incoming sender) {
    boolean ends = sender.enqueuedIsEnough() && !release(false).isEmpty();
    sender.enqueued();
    if (ends) {
      sender.processed();
    }
  }

  void processed() {
    release(true).forEach(Incoming::processed);
  }

  /** Passes a reply on; false if nobody waits. */
  boolean reply(Payload body) {
    List<Incoming> senders = release(true);
    senders.forEach(sender -> sender.reply(body));
    return !senders.isEmpty();
  }

  /** Tells the sender that it failed; false if nobody waits, and then nobody was told. */
  boolean fail(ErrorCode code, String detail) {
    beforeFailure.run();
    List<Incoming> senders = release(true);
    senders.forEach(sender -> sender.fail(code, detail));
    return !senders.isEmpty();
  }

  /** Once only: the watch or a closing peer may answer while a turn ends. */
  private synchronized List<Incoming> release(boolean forGood) {
    Incoming sender = incoming;
    List<Incoming> others = joined;
    incoming = null;
    joined = List.of();
    over |= forGood;
    if (sender == null) {
      return List.of();
    }
    if (others.isEmpty()) {
      return List.of(sender);
    }
    others.add(0, sender);
    return others;
  }
}
