// One call of the load and what became of it.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;

/**
 * One call of the load. Times are {@link System#nanoTime}.
 *
 * @param id what the message was called; unique in the whole run
 * @param client which client made it
 * @param key the key that was addressed
 * @param start when it was made
 * @param end when its outcome was known
 * @param outcome what became of it
 */
record Call(String id, int client, Key key, long start, long end, Outcome outcome) {

  /** What became of a call. */
  sealed interface Outcome {
    /**
     * A reply came.
     *
     * @param peer who answered
     * @param version the version of the service that answered
     */
    record Answered(PeerId peer, int version) implements Outcome {}

    /** The call ended with a code. */
    record Failed(ErrorCode code) implements Outcome {}
  }

  boolean acknowledged() {
    return outcome instanceof Outcome.Answered;
  }
}
