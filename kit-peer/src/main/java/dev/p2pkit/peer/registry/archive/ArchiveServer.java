// Gives chunks of the archives that are here to peers that may have them.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Chunk;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRefused;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.ChunkRequest;
import dev.p2pkit.peer.registry.archive.ArchiveMessage.Reason;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.sdk.Key;
import java.util.function.BiPredicate;

/** The serving side of the transfer; reads a bounded number of chunks at a time. */
final class ArchiveServer {
  private final int limit;
  private final Effects effects;
  private final ArchiveStorage storage;
  private final Alarms alarms;
  private int serving;

  /** Whether an archive may be given to a peer that shows a grant. */
  BiPredicate<String, Key> allowed = (hash, grant) -> false;

  long served;
  long refusals;

  ArchiveServer(int limit, Effects effects, ArchiveStorage storage, Alarms alarms) {
    this.limit = limit;
    this.effects = effects;
    this.storage = storage;
    this.alarms = alarms;
  }

  void serve(PeerRef from, ChunkRequest request) {
    if (!storage.has(request.hash())) {
      refuse(from, request, Reason.NOT_HERE);
    } else if (!allowed.test(request.hash(), request.grant())) {
      refuse(from, request, Reason.NOT_ALLOWED);
    } else if (serving >= limit) {
      refuse(from, request, Reason.BUSY);
    } else {
      serving++;
      storage.read(
          request.hash(),
          request.index(),
          alarms.deferred(
              (then, bytes) -> {
                serving--;
                if (bytes.isPresent()) {
                  served++;
                  effects.send(from, new Chunk(request.id(), bytes.get()));
                } else {
                  refuse(from, request, Reason.NOT_HERE);
                }
              }));
    }
  }

  private void refuse(PeerRef from, ChunkRequest request, Reason reason) {
    refusals++;
    effects.send(from, new ChunkRefused(request.id(), reason));
  }
}
