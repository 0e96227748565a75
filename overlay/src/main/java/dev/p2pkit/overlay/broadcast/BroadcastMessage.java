// What peers say to each other during a broadcast.
package dev.p2pkit.overlay.broadcast;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.BroadcastReport.Arc;

/** A message of the broadcast. */
public sealed interface BroadcastMessage extends WireMessage {

  /**
   * Take the payload, and see to it that every other peer in the interval gets it.
   *
   * @param origin the peer that began the broadcast
   * @param sequence the origin's number for it
   * @param lowestOpen broadcasts of this origin below this number are over
   * @param interval the part of the ring to serve; the receiver stands in it
   * @param topic what it is about, 0 to 255
   * @param remaining how long the receiver may take, in microseconds
   * @param payload the bytes, not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per hop would be waste
  record Task(
      PeerRef origin,
      long sequence,
      long lowestOpen,
      Arc interval,
      int topic,
      long remaining,
      byte[] payload)
      implements BroadcastMessage {
    BroadcastId id() {
      return new BroadcastId(origin.id(), sequence);
    }
  }

  /** I have the task and others work on parts of it. */
  record Working(BroadcastId id, Arc interval) implements BroadcastMessage {}

  /**
   * The task is over; this is whom it reached. A peer that has nobody to pass it to says so at
   * once.
   */
  record Done(BroadcastId id, Arc interval, Tally tally) implements BroadcastMessage {}
}
