// The flags of messages and broadcasts that are this module's, all in one place.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.routing.Envelope;

/**
 * What a peer says of a message beside what the router reads: a bit of its flags for each, from
 * {@link Envelope#FIRST_FREE_FLAG} to 15. A new mark takes the next bit; one that is in use never
 * changes, as the peers of a network need not be of one release.
 */
enum Mark {
  /** The body begins with a {@link OnceHeader}: its sender repeats the message. */
  REPEATED(0),

  /** The body begins, after a {@link OnceHeader}, with the version that is to process it. */
  VERSIONED(1),

  /** The sender's peer has seen a right to call a service that is restricted. */
  PERMITTED(2);

  private final int bit;

  Mark(int place) {
    this.bit = Envelope.FIRST_FREE_FLAG << place;
  }

  /** The flag in an envelope. */
  int bit() {
    return bit;
  }

  /** The flag if the condition holds, else none. */
  int bitIf(boolean condition) {
    return condition ? bit : 0;
  }

  /** Whether a message has it. */
  boolean isOn(Envelope envelope) {
    return envelope.has(bit);
  }
}
