// A message as it waits in a mailbox: header and bytes, and who must be told what became of it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A message in a mailbox. Its sender, if one waits, is told once; a letter that is put back into
 * the mailbox takes the duty with it.
 */
final class Letter implements Mailbox.Work {
  /** What a message costs beside its body. */
  private static final int OVERHEAD = 64;

  private final Message message;
  private final long deadlineNanos;
  private @Nullable Incoming incoming;
  private final long ownershipEpoch;
  private final @Nullable ArcNotice notice;
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
    return new Letter(
        incoming.message(), incoming, incoming.deadlineNanos(), incoming.ownershipEpoch(), null);
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

  Message message() {
    return message;
  }

  long bytes() {
    return size(message);
  }

  static long size(Message message) {
    return (long) message.body().length() + OVERHEAD;
  }

  /** Whether a sender waits for the outcome. */
  synchronized boolean claimed() {
    return incoming != null;
  }

  /** Whether the sender has given up; a letter for which nobody waits never expires. */
  boolean expired(long nowNanos) {
    return claimed() && nowNanos - deadlineNanos > 0;
  }

  /** What the sender still waits, in nanoseconds; {@link Long#MAX_VALUE} if nobody does. */
  long remainingNanos(long nowNanos) {
    return claimed() ? deadlineNanos - nowNanos : Long.MAX_VALUE;
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
    boolean over = sender.enqueuedIsEnough() && release() != null;
    sender.enqueued();
    if (over) {
      sender.processed();
    }
  }

  void processed() {
    Incoming sender = release();
    if (sender != null) {
      sender.processed();
    }
  }

  /** Passes a reply on; false if nobody waits. */
  boolean reply(Payload body) {
    Incoming sender = release();
    if (sender == null) {
      return false;
    }
    sender.reply(body);
    return true;
  }

  /** Tells the sender that it failed; false if nobody waits, and then nobody was told. */
  boolean fail(ErrorCode code, String detail) {
    Incoming sender = release();
    if (sender == null) {
      return false;
    }
    sender.fail(code, detail);
    return true;
  }

  /** Once only: the watch or a closing peer may answer while a turn ends. */
  private synchronized @Nullable Incoming release() {
    Incoming sender = incoming;
    incoming = null;
    return sender;
  }
}
