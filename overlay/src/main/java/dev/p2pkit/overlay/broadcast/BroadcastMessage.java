// What peers say to each other during a broadcast, and afterwards to repair it.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.BroadcastReport.Arc;
import dev.p2pkit.sdk.ErrorCode;
import java.util.List;
import java.util.Optional;

/** A message of the broadcast. */
public sealed interface BroadcastMessage extends WireMessage {

  /** Whether it belongs to a broadcast of the ring itself (topic 0), and not of a program. */
  default boolean isOfRing() {
    return false;
  }

  /**
   * Take the content, and see to it that every other peer in the interval gets it.
   *
   * @param content what to take
   * @param interval the part of the ring to serve; the receiver stands in it
   * @param remaining how long the receiver may take, in microseconds
   */
  record Task(Content content, Arc interval, long remaining) implements BroadcastMessage {
    @Override
    public boolean isOfRing() {
      return content.isPlain();
    }
  }

  /** I have the task and others work on parts of it. */
  record Working(BroadcastId id, Arc interval) implements BroadcastMessage {
    @Override
    public boolean isOfRing() {
      return id.isPlain();
    }
  }

  /**
   * The task is over; this is whom it reached. A peer that has nobody to pass it to says so at
   * once.
   */
  record Done(BroadcastId id, Arc interval, Tally tally) implements BroadcastMessage {
    @Override
    public boolean isOfRing() {
      return id.isPlain();
    }
  }

  /**
   * I do not see to the others in the interval: I have not joined yet, or have no room.
   *
   * @param refusal why the content was not taken either; empty if it was
   */
  record Declined(BroadcastId id, Arc interval, Optional<ErrorCode> refusal)
      implements BroadcastMessage {
    @Override
    public boolean isOfRing() {
      return id.isPlain();
    }
  }

  /**
   * These I have seen lately; the receiver pulls what it lacks.
   *
   * @param seen the newest of them, at most {@link BroadcastConfig#MAX_LISTED}
   * @param answer whether the sender wants to know the receiver's
   */
  record Recent(List<Seen> seen, boolean answer) implements BroadcastMessage {}

  /** A broadcast, and how long ago the sender has first seen it, in microseconds. */
  record Seen(BroadcastId id, long age) {}

  /** Send me these; what the receiver has not, it does not answer. */
  record Pull(List<BroadcastId> ids) implements BroadcastMessage {}

  /** What was pulled. */
  record Repair(Content content) implements BroadcastMessage {}

  /** To the origin: I have got this by repair, not through the tree. */
  record Repaired(BroadcastId id) implements BroadcastMessage {}
}
