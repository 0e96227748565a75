// Archives in memory, answering a little later as a disk would.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.peer.registry.archive.ArchiveStorage;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.Archive;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The archive store of a simulated peer. */
final class MemoryArchives implements ArchiveStorage {
  final Map<String, byte[]> archives = new TreeMap<>();
  private final SimulatedPeer peer;

  /** Whether chunks that are read have a bit turned over. */
  boolean tampers;

  /** The most chunks that were held for one archive at a time, before they were written. */
  int writes;

  MemoryArchives(SimulatedPeer peer) {
    this.peer = peer;
  }

  void put(Archive archive) {
    archives.put(archive.hash(), archive.content());
  }

  @Override
  public void forget(String hash) {
    archives.remove(hash);
  }

  @Override
  public Set<String> all() {
    return Set.copyOf(archives.keySet());
  }

  @Override
  public boolean has(String hash) {
    return archives.containsKey(hash);
  }

  @Override
  public void check(String hash, Completion<Boolean> done) {
    byte[] content = archives.get(hash);
    boolean whole = content != null && Archive.of(content).hash().equals(hash);
    if (!whole) {
      archives.remove(hash);
    }
    peer.later(now -> done.done(now, whole));
  }

  @Override
  public void read(String hash, int index, Completion<Optional<byte[]>> done) {
    byte[] content = archives.get(hash);
    Optional<byte[]> chunk = Optional.empty();
    if (content != null && index < Chunks.count(content.length)) {
      int from = index * Chunks.BYTES;
      byte[] part = Arrays.copyOfRange(content, from, from + Chunks.length(content.length, index));
      if (tampers) {
        part[part.length / 2] ^= 1;
      }
      chunk = Optional.of(part);
    }
    Optional<byte[]> answer = chunk;
    peer.later(now -> done.done(now, answer));
  }

  @Override
  public Incoming receive(Edition edition) {
    byte[] content = new byte[edition.size()];
    return new Incoming() {
      @Override
      public void write(int index, byte[] chunk, Completion<Boolean> done) {
        writes++;
        System.arraycopy(chunk, 0, content, index * Chunks.BYTES, chunk.length);
        peer.later(now -> done.done(now, true));
      }

      @Override
      public void finish(Completion<Whole> done) {
        boolean right = Archive.of(content).hash().equals(edition.archive());
        if (right) {
          archives.put(edition.archive(), content);
        }
        // At once: a machine must stand that too.
        peer.later(now -> done.done(now, right ? Whole.KEPT : Whole.MISMATCH));
      }

      @Override
      public void abandon() {}
    };
  }
}
