// Where archives are kept, as the transfer sees it.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.peer.registry.timing.Completion;
import java.util.Optional;

/**
 * Keeps archives by their hash. Calls come from the machine's thread and must not block; answers
 * come back on that thread.
 */
public interface ArchiveStorage {
  /** Whether the whole archive is here. */
  boolean has(String hash);

  /** Reads a chunk; empty if the archive is not here or can no longer be read. */
  void read(String hash, int index, Completion<Optional<byte[]>> done);

  /** A place for an archive that is about to arrive. */
  Incoming receive(Edition edition);

  /** An archive that arrives in chunks, in any order. */
  interface Incoming {
    /** Keeps a chunk that was verified; false if it could not be kept. */
    void write(int index, byte[] chunk, Completion<Boolean> done);

    /** All chunks are here: true if together they have the archive's hash and it is kept now. */
    void finish(Completion<Boolean> done);

    /** Forgets what has arrived. */
    void abandon();
  }
}
