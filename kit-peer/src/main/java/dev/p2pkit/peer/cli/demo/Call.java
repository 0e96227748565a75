// One call of the load and what became of it.
package dev.p2pkit.peer.cli.demo;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

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

  /** Keeps all calls as a table beside the journals; times are milliseconds since the kill. */
  static void write(Collection<Call> calls, Incident incident, Path file) throws IOException {
    List<String> lines = new ArrayList<>(calls.size() + 1);
    lines.add("id\tclient\tkey\tof the killed peer\tstart\tend\toutcome");
    for (Call call : calls) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s\t%d\t%s\t%s\t%.3f\t%.3f\t%s",
              call.id(),
              call.client(),
              call.key(),
              incident.concerns(call.key()) ? "yes" : "no",
              (call.start() - incident.killedAt()) / 1e6,
              (call.end() - incident.killedAt()) / 1e6,
              call.outcome()));
    }
    Files.write(file, lines);
  }
}
