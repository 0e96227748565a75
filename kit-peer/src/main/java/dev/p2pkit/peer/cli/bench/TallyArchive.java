// The archives of the tally service, one for each version, packed at run time.
package dev.p2pkit.peer.cli.bench;

import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.Durability;
import java.io.IOException;
import p2pkit.bench.TallyMaker;

/** Packs {@link TallyMaker}. */
final class TallyArchive {
  static final String NAME = "tally";

  private static final String DESCRIPTOR =
      """
      {
        "format": 1,
        "name": "tally",
        "version": "%d",
        "maker": "p2pkit.bench.TallyMaker",
        "state": {"type": "p2pkit.bench.TallyMaker$Totals", "schema": %d, "durability": "%s"}
      }
      """;

  private TallyArchive() {}

  /** What is wrong with a version. */
  enum Fault {
    /** Nothing. */
    NONE,
    /** Its migration throws. */
    MIGRATION,
    /** It throws at every call. */
    CRASH
  }

  static Archive make(int version, Fault fault, Durability durability) throws IOException {
    return new BenchArchive(DESCRIPTOR.formatted(version, version, durability))
        .text("tally.properties", "version=" + version + "\nfault=" + fault + "\n")
        .code(TallyMaker.class)
        .code(TallyMaker.Totals.class)
        .build();
  }
}
