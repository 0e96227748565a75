// Knows the messages that may come again, and what was answered to them.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.PeerId;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of senders that repeat what is not answered. Each message says which numbers its
 * sender has closed, so what is remembered is what is open, not rate times time; a quiet sender's
 * answers are kept until its calls must have ended. When it is full, new messages are refused as
 * BUSY, and those of a sender that has its share: nothing is forgotten early. Every change is
 * handed on for the state file. Thread-safe.
 */
final class DedupeWindow {
  /** The most messages and bytes of answers that are remembered. */
  static final int MOST = 65_536;

  static final long MOST_BYTES = 32 << 20;

  /** One sender may have one part in so many of both: a stranger shuts nobody else out. */
  static final int SHARES = 4;

  /** How many of its processes are known at a time; a peer has one, and those that it was. */
  static final int MOST_PROCESSES = 64;

  /** A call lasts ten minutes at most, so after this its sender asks no more. */
  private static final long FORGET_MILLIS = 11 * 60_000;

  private final int most;
  private final Changes changes;
  private final Map<Caller, Sent> senders = new HashMap<>();
  private final Map<PeerId, Share> shares = new HashMap<>();
  private int count;
  private long bytes;

  /** Takes what has to be written to the state file with the next commit. */
  interface Changes {
    void put(String table, String key, byte[] value);

    void remove(String table, String key);
  }

  private record Caller(PeerId sender, long process) {}

  /** What one sender takes, all its processes together. */
  private static final class Share {
    int processes;
    int count;
    long bytes;
  }

  private static final class Sent {
    final Share share;
    final TreeMap<Long, Entry> entries = new TreeMap<>();
    long floor;
    long heardMillis;

    Sent(Share share) {
      this.share = share;
    }
  }

  /** A message: open while it has no answer. */
  private static final class Entry {
    final Letter letter;
    @Nullable StoredAnswer answer;
    boolean stored;

    Entry(Letter letter) {
      this.letter = letter;
    }
  }

  DedupeWindow(int most, Changes changes) {
    this.most = most;
    this.changes = changes;
  }

  /**
   * Takes a message in unless it is known.
   *
   * @param offer puts it into the mailbox
   * @return what became of the offer; empty if it was not offered, and then the sender is told or
   *     joins those who wait for the answer
   */
  Optional<Mailbox.Offer> admit(
      Once once, Letter letter, Incoming incoming, Supplier<Mailbox.Offer> offer) {
    Caller caller = new Caller(once.sender(), once.process());
    if (isOneTooMany(caller)) {
      incoming.fail(
          ErrorCode.BUSY,
          "too many processes have sent messages that may come again; try again in "
              + FORGET_MILLIS / 60_000
              + " minutes");
      return Optional.empty();
    }
    Runnable tell;
    synchronized (this) {
      Sent sent = sent(caller);
      sent.heardMillis = System.currentTimeMillis();
      close(once, sent);
      Entry known = sent.entries.get(once.number());
      if (known != null) {
        StoredAnswer answer = known.answer;
        if (answer != null && known.stored) {
          tell = () -> answer.tell(incoming);
        } else if (known.letter.join(incoming)) {
          return Optional.empty();
        } else {
          tell =
              answer == null
                  ? () -> incoming.fail(ErrorCode.BUSY, "the copy before this one failed")
                  : () -> answer.tell(incoming);
        }
      } else if (once.number() < sent.floor) {
        tell =
            () ->
                incoming.fail(
                    ErrorCode.PROTOCOL_ERROR,
                    "a late copy of a message that its sender has closed");
      } else if (once.after() >= sent.floor
          && once.after() != 0
          && !sent.entries.containsKey(once.after())) {
        tell =
            () ->
                incoming.fail(
                    ErrorCode.BUSY, "the message before it has not come; it was not processed");
      } else if (count >= most || bytes >= MOST_BYTES) {
        tell =
            () ->
                incoming.fail(
                    ErrorCode.BUSY,
                    most + " messages that may come again are remembered already; try again later");
      } else if (sent.share.count >= Math.max(1, most / SHARES)
          || sent.share.bytes >= MOST_BYTES / SHARES) {
        int own = sent.share.count;
        tell =
            () ->
                incoming.fail(
                    ErrorCode.BUSY,
                    own
                        + " messages of this sender that may come again are remembered already;"
                        + " wait for answers before you send more");
      } else {
        Mailbox.Offer offered = offer.get();
        if (offered == Mailbox.Offer.WAKE || offered == Mailbox.Offer.QUEUED) {
          sent.entries.put(once.number(), new Entry(letter));
          count(sent, 1, 0);
          letter.beforeFailure(() -> forget(once));
        }
        return Optional.of(offered);
      }
    }
    tell.run();
    return Optional.empty();
  }

  /** Whether it is new and there is no room for what it says is closed, on the disk neither. */
  private synchronized boolean isOneTooMany(Caller caller) {
    Share share = shares.get(caller.sender());
    boolean many = share != null && share.processes >= MOST_PROCESSES;
    return !senders.containsKey(caller) && (many || senders.size() >= most);
  }

  private Sent sent(Caller caller) {
    return senders.computeIfAbsent(
        caller,
        any -> {
          Share share = shares.computeIfAbsent(caller.sender(), other -> new Share());
          share.processes++;
          return new Sent(share);
        });
  }

  private void count(Sent sent, int entries, long size) {
    count += entries;
    bytes += size;
    sent.share.count += entries;
    sent.share.bytes += size;
  }

  /** Forgets what the sender has closed. */
  private void close(Once once, Sent sent) {
    if (once.lowestOpen() <= sent.floor) {
      return;
    }
    sent.floor = once.lowestOpen();
    changes.put(
        SavedState.FLOORS,
        new Once(once.sender(), once.process(), 0, 0, 0).key(),
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(sent.floor)
            .putLong(sent.heardMillis + FORGET_MILLIS)
            .array());
    Iterator<Map.Entry<Long, Entry>> closed =
        sent.entries.headMap(sent.floor).entrySet().iterator();
    while (closed.hasNext()) {
      Map.Entry<Long, Entry> next = closed.next();
      StoredAnswer answer = next.getValue().answer;
      if (answer != null) {
        closed.remove();
        forgotten(
            sent, new Once(once.sender(), once.process(), next.getKey(), 0, 0), answer.bytes());
      }
    }
  }

  private void forgotten(Sent sent, Once once, long size) {
    count(sent, -1, -size);
    changes.remove(SavedState.ANSWERS, once.key());
  }

  /**
   * The turn of a message has taken effect; the answer counts when {@link #stored} is called.
   *
   * @param with what the turn changes: the answer is stored with it
   */
  synchronized void answered(
      Once once, StoredAnswer.Outcome outcome, long remainingNanos, Changes with) {
    Sent sent = senders.get(new Caller(once.sender(), once.process()));
    Entry entry = sent == null ? null : sent.entries.get(once.number());
    if (sent == null || entry == null || entry.answer != null) {
      return;
    }
    long rest = Math.min(FORGET_MILLIS, Math.max(0, remainingNanos / 1_000_000) + 60_000);
    StoredAnswer answer = new StoredAnswer(outcome, System.currentTimeMillis() + rest);
    entry.answer = answer;
    count(sent, 0, answer.bytes());
    with.put(SavedState.ANSWERS, once.key(), answer.encode());
  }

  /** The answer is on the disk. */
  synchronized void stored(Once once) {
    Sent sent = senders.get(new Caller(once.sender(), once.process()));
    Entry entry = sent == null ? null : sent.entries.get(once.number());
    if (entry != null) {
      entry.stored = true;
    }
  }

  /** A message had no effect, and its sender was told; a further copy is a new message. */
  synchronized void forget(Once once) {
    Sent sent = senders.get(new Caller(once.sender(), once.process()));
    if (sent != null) {
      Entry entry = sent.entries.get(once.number());
      if (entry != null && entry.answer == null) {
        sent.entries.remove(once.number());
        count(sent, -1, 0);
      }
    }
  }

  /** A message that is part of the state is open, and may be asked for again. */
  synchronized void open(Once once, Letter letter) {
    Sent sent = sent(new Caller(once.sender(), once.process()));
    sent.heardMillis = System.currentTimeMillis();
    letter.beforeFailure(() -> forget(once));
    if (sent.entries.put(once.number(), new Entry(letter)) == null) {
      count(sent, 1, 0);
    }
  }

  /** Knows again what a state file says; open messages are kept where they are not known there. */
  synchronized void restore(SavedState saved) {
    for (Sent sent : senders.values()) {
      sent.entries
          .values()
          .removeIf(
              entry -> {
                if (entry.answer == null) {
                  return false;
                }
                count(sent, -1, -entry.answer.bytes());
                return true;
              });
    }
    long now = System.currentTimeMillis();
    for (SavedState.Floor floor : saved.floors()) {
      Sent sent = sent(new Caller(floor.sender(), floor.process()));
      sent.floor = Math.max(sent.floor, floor.floor());
      sent.heardMillis = now;
    }
    for (SavedState.Answered answered : saved.answered()) {
      Once once = answered.once();
      Sent sent = sent(new Caller(once.sender(), once.process()));
      sent.heardMillis = now;
      Entry entry = new Entry(Letter.answered());
      entry.answer = answered.answer();
      entry.stored = true;
      int more = sent.entries.put(once.number(), entry) == null ? 1 : 0;
      count(sent, more, answered.answer().bytes());
    }
  }

  /** Forgets what no sender can ask for any more. */
  synchronized void expire(long nowMillis) {
    Iterator<Map.Entry<Caller, Sent>> all = senders.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Caller, Sent> next = all.next();
      Caller caller = next.getKey();
      Sent sent = next.getValue();
      Iterator<Map.Entry<Long, Entry>> entries = sent.entries.entrySet().iterator();
      while (entries.hasNext()) {
        Map.Entry<Long, Entry> entry = entries.next();
        StoredAnswer answer = entry.getValue().answer;
        if (answer != null && answer.untilMillis() < nowMillis) {
          entries.remove();
          forgotten(
              sent,
              new Once(caller.sender(), caller.process(), entry.getKey(), 0, 0),
              answer.bytes());
        }
      }
      if (sent.entries.isEmpty() && sent.heardMillis + FORGET_MILLIS < nowMillis) {
        all.remove();
        if (--sent.share.processes == 0) {
          shares.remove(caller.sender());
        }
        changes.remove(
            SavedState.FLOORS, new Once(caller.sender(), caller.process(), 0, 0, 0).key());
      }
    }
  }

  /** How many messages are remembered. */
  synchronized int size() {
    return count;
  }
}
