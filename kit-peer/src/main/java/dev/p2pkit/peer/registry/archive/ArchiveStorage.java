// Where archives are kept, as the transfer sees it.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.peer.registry.timing.Completion;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps archives by their hash. Calls come from the machine's thread and must not block; answers
 * come back on that thread.
 */
public interface ArchiveStorage {
  /** The hashes of all that are here. */
  Set<String> all();

  /** Whether the whole archive is here. */
  boolean has(String hash);

  /** Whether an archive that is here is still what its hash says; if not, it is forgotten. */
  void check(String hash, Completion<Boolean> done);

  /** Deletes an archive if it is here. */
  void forget(String hash);

  /** Reads a chunk; empty if the archive is not here or can no longer be read. */
  void read(String hash, int index, Completion<Optional<byte[]>> done);

  /** A place for an archive that is about to arrive. */
  Incoming receive(Edition edition);

  /** An archive that arrives in chunks, in any order. */
  interface Incoming {
    /** Keeps a chunk that was verified; false if it could not be kept. */
    void write(int index, byte[] chunk, Completion<Boolean> done);

    /** All chunks are here: compares the whole with the archive's hash and keeps it. */
    void finish(Completion<Whole> done);

    /** Forgets what has arrived. */
    void abandon();
  }

  /** What came of putting the chunks together. */
  enum Whole {
    /** The archive is here. */
    KEPT,
    /** The chunks do not make up the archive. */
    MISMATCH,
    /** The archive is right but could not be kept. */
    NOT_KEPT
  }
}
