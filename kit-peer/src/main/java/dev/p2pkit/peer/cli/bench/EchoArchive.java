// The archive of the echo service.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Archive;
import java.io.IOException;
import p2pkit.bench.EchoMaker;

/** Packs {@link EchoMaker}. */
final class EchoArchive {
  static final String NAME = "echo";

  private static final String DESCRIPTOR =
      """
      {
        "format": 1,
        "name": "echo",
        "version": "1",
        "maker": "p2pkit.bench.EchoMaker",
        "execution": {"mode": "EVENT_LOOP", "turnMillis": 5000},
        "mailbox": {"messages": 100000, "bytes": 67108864}
      }
      """;

  private EchoArchive() {}

  static Archive make() throws IOException {
    return new BenchArchive(DESCRIPTOR).code(EchoMaker.class).build();
  }
}
