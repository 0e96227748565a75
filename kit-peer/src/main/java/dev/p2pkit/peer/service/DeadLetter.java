// A message that was given up without anybody to tell.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import java.time.Instant;

/**
 * A message that was set aside, because it failed again and again or could not be kept, and nobody
 * waits for an answer to it.
 *
 * @param number what it is called on this peer; never used again, also not after a restart
 * @param service whose it was
 * @param lineage which of the services that have had this name, as {@link Release#lineage}; empty
 *     if that is not known
 * @param epoch that of the version that gave it up
 * @param version that version, for people
 * @param code what its sender would have been told
 * @param message the message
 * @param reason why it was given up, in a sentence
 * @param at when
 */
public record DeadLetter(
    long number,
    ServiceKey service,
    String lineage,
    long epoch,
    String version,
    ErrorCode code,
    Message message,
    String reason,
    Instant at) {
  /** What it counts against the bounds, in bytes. */
  long bytes() {
    return Letter.size(message) + reason.length();
  }

  /** The same after one more attempt has failed. */
  DeadLetter again(ErrorCode newCode, String newReason) {
    return new DeadLetter(
        number, service, lineage, epoch, version, newCode, message, newReason, at);
  }
}
