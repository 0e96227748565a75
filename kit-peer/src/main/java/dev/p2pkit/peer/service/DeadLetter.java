// A message that was given up without anybody to tell.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Message;
import java.time.Instant;

/**
 * A message that was set aside, because it failed again and again or could not be kept, and nobody
 * waits for an answer to it.
 *
 * @param service whose it was
 * @param message the message
 * @param reason why it was given up, in a sentence
 * @param at when
 */
public record DeadLetter(ServiceKey service, Message message, String reason, Instant at) {}
