// Who gets into the mailbox of a processor, and whose turn may still begin.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import java.util.Optional;

/**
 * Checks each message twice: when it comes, from any thread, and before its turn begins, for the
 * owner of the processor. Whom it turns away is told what to do about it.
 */
final class Entrance {
  private final Incumbent incumbent;
  private final Mailbox mailbox;
  private final Supervision supervision;
  private final Meter meter;
  private final Persistence persistence;
  private final Bounces bounces;

  Entrance(
      Incumbent incumbent,
      Mailbox mailbox,
      Supervision supervision,
      Meter meter,
      Persistence persistence,
      Bounces bounces) {
    this.incumbent = incumbent;
    this.mailbox = mailbox;
    this.supervision = supervision;
    this.meter = meter;
    this.persistence = persistence;
    this.bounces = bounces;
  }

  /**
   * Puts a message into the mailbox, or turns it away.
   *
   * @return whether the caller owns the processor from now on and must see to it that it runs
   */
  boolean admit(Incoming incoming) {
    if (!supervision.admits()) {
      bounces.turnAway(incoming, ErrorCode.SERVICE_CRASHED, incumbent.status().detail());
      return false;
    }
    Optional<String> wanted = incoming.version();
    if (incoming.enqueuedIsEnough()
        && wanted.isPresent()
        && !wanted.get().equals(incumbent.version().manifest().version())) {
      // Nobody could be told later.
      bounces.refuse(incoming, ErrorCode.VERSION_SKEW, skew(wanted.get()));
      return false;
    }
    Letter letter = Letter.of(incoming);
    Optional<Mailbox.Offer> offer = persistence.offer(letter, incoming);
    if (offer.isEmpty()) {
      supervision.trialMissed();
      return false;
    }
    ServiceKey key = incumbent.key();
    switch (offer.get()) {
      case WAKE, QUEUED -> letter.enqueued(incoming);
      case FULL -> {
        boolean slowed = meter.isThrottled();
        bounces.refuse(
            incoming,
            slowed ? ErrorCode.QUOTA : ErrorCode.MAILBOX_FULL,
            "the mailbox of "
                + key
                + " on this peer is full"
                + (slowed ? ", as it has used up its quota" : "")
                + "; send more slowly and try again");
      }
      case TOO_LARGE ->
          bounces.refuse(
              incoming,
              ErrorCode.MESSAGE_TOO_LARGE,
              "the message is larger than the whole mailbox of "
                  + key
                  + "; raise mailboxBytes of its @KitService");
      case CLOSED -> incoming.fail(ErrorCode.NO_SUCH_SERVICE, key + " was removed");
    }
    return offer.get() == Mailbox.Offer.WAKE;
  }

  /** Looks at a letter whose turn has come; false if it was turned away. */
  boolean mayBegin(Letter letter, long nowNanos) {
    if (letter.expired(nowNanos)) {
      bounces.miss(
          letter,
          ErrorCode.BUSY,
          "the sender's deadline passed in the mailbox; it was not processed");
      return false;
    }
    if (!letter.stillOwned()) {
      bounces.miss(
          letter,
          ErrorCode.NOT_READY,
          "this peer has lost the key while the message waited; it was not processed");
      return false;
    }
    Optional<String> other = letter.otherVersion(incumbent.version().manifest().version());
    if (other.isPresent()) {
      bounces.miss(letter, ErrorCode.VERSION_SKEW, skew(other.get()));
      return false;
    }
    if (supervision.isShut()) {
      mailbox.release(letter.bytes());
      bounces.giveUp(letter, ErrorCode.SERVICE_CRASHED, incumbent.status().detail());
      return false;
    }
    return true;
  }

  private String skew(String wanted) {
    return "this peer runs version "
        + incumbent.version().manifest().version()
        + " of "
        + incumbent.key()
        + ", and the message is for version "
        + wanted
        + "; it was not processed";
  }
}
