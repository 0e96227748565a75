// Makes a request once its id and its life are known.
package dev.p2pkit.client;

import dev.p2pkit.client.session.SessionMessage;

/** Makes the message of a request. */
@FunctionalInterface
interface RequestMaker {
  /** The message with this id, that may live so many microseconds. */
  SessionMessage make(long id, long remainingMicros);
}
