// The archives of a peer as files named by their hash.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.Archive;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Keeps archives in a directory. */
public final class ArchiveStore implements ArchiveStorage {
  /**
   * Opens or makes the directory.
   *
   * @param io where files are read and written
   * @param reentry runs an action on the machine's thread with its time
   */
  public ArchiveStore(Path directory, Executor io, Consumer<LongConsumer> reentry) {}

  /** Keeps an archive; blocks. Any thread. */
  public void put(Archive archive) {}

  /** The file of an archive that is here. */
  public Path file(String hash) {
    return Path.of(hash);
  }

  @Override
  public boolean has(String hash) {
    return false;
  }

  @Override
  public void read(String hash, int index, Completion<Optional<byte[]>> done) {}

  @Override
  public Incoming receive(Edition edition) {
    throw new IllegalStateException();
  }
}
