// What becomes of letters that are not processed: their senders hear why, or the operator does.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import java.util.List;
import java.util.function.Consumer;

/**
 * Returns the letters of one processor that are not processed. A sender who still waits is told; a
 * letter for which nobody waits is tried again after a turn that failed, and set aside for the
 * operator when that is of no use. For the owner of the processor, and for whoever closes it.
 */
final class Bounces {
  private static final int MOST_FAILURES = 3;

  private final Incumbent incumbent;
  private final Ledger ledger;
  private final Mailbox mailbox;
  private final Supervision supervision;
  private final Consumer<Letter> dropped;

  /**
   * Bounces of one processor.
   *
   * @param dropped hears of each letter that a state file holds no longer for the next start
   */
  Bounces(
      Incumbent incumbent,
      Ledger ledger,
      Mailbox mailbox,
      Supervision supervision,
      Consumer<Letter> dropped) {
    this.incumbent = incumbent;
    this.ledger = ledger;
    this.mailbox = mailbox;
    this.supervision = supervision;
    this.dropped = dropped;
  }

  /** A message does not come in: the gate of the supervision is shut. */
  void turnAway(Incoming incoming, ErrorCode code, String detail) {
    ledger.refused.increment();
    incoming.fail(code, detail);
  }

  /** A message that the supervision has let in does not come in. */
  void refuse(Incoming incoming, ErrorCode code, String detail) {
    supervision.trialMissed();
    turnAway(incoming, code, detail);
  }

  /** A letter was in the mailbox, and its turn does not begin: its sender could not use it. */
  void miss(Letter letter, ErrorCode code, String detail) {
    mailbox.release(letter.bytes());
    ledger.refused.increment();
    supervision.trialMissed();
    letter.fail(code, detail);
    dropped.accept(letter);
  }

  /** A deferred letter, which is out of the mailbox, has lost its sender. */
  void expire(Letter letter) {
    ledger.refused.increment();
    letter.fail(ErrorCode.BUSY, "the sender's deadline passed while the message was deferred");
    dropped.accept(letter);
  }

  /** The turn of a letter has failed. */
  void crashed(Letter letter, String detail) {
    if (letter.fail(ErrorCode.SERVICE_CRASHED, detail)) {
      mailbox.release(letter.bytes());
      dropped.accept(letter);
    } else if (letter.failed() >= MOST_FAILURES) {
      mailbox.release(letter.bytes());
      setAside(letter, ErrorCode.SERVICE_CRASHED, detail);
      dropped.accept(letter);
    } else {
      // Nobody could be told and nobody would send it again.
      mailbox.pushFront(List.of(letter));
    }
  }

  /** A letter, which is out of the mailbox, is not processed here any more. */
  void giveUp(Letter letter, ErrorCode code, String detail) {
    ledger.refused.increment();
    tell(letter, code, detail);
    dropped.accept(letter);
  }

  /** Tells the sender, or keeps the letter for the operator if nobody waits. */
  void tell(Letter letter, ErrorCode code, String detail) {
    if (!letter.fail(code, detail)) {
      setAside(letter, code, detail);
    }
  }

  private void setAside(Letter letter, ErrorCode code, String detail) {
    ledger.setAside(incumbent, letter.message(), code, detail);
  }
}
