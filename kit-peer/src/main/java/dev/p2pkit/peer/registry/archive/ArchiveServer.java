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
import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The serving side of the transfer; reads a bounded number of chunks at a time. When half of that
 * is in use, a peer that has a quarter of it for itself waits, so that one that asks without end
 * leaves the others their share.
 */
final class ArchiveServer {
  private final int limit;
  private final Effects effects;
  private final ArchiveStorage storage;
  private final Alarms alarms;
  private final Map<PeerId, Integer> servingFor = new HashMap<>();
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
    } else if (isBusyFor(from.id())) {
      refuse(from, request, Reason.BUSY);
    } else {
      serving++;
      servingFor.merge(from.id(), 1, Integer::sum);
      storage.read(
          request.hash(),
          request.index(),
          alarms.deferred(
              (then, bytes) -> {
                serving--;
                servingFor.computeIfPresent(
                    from.id(), (peer, count) -> count == 1 ? null : count - 1);
                if (bytes.isPresent()) {
                  served++;
                  effects.send(from, new Chunk(request.id(), bytes.get()));
                } else {
                  refuse(from, request, Reason.NOT_HERE);
                }
              }));
    }
  }

  private boolean isBusyFor(PeerId peer) {
    return serving >= limit
        || (serving >= limit / 2 && servingFor.getOrDefault(peer, 0) >= limit / 4);
  }

  private void refuse(PeerRef from, ChunkRequest request, Reason reason) {
    refusals++;
    effects.send(from, new ChunkRefused(request.id(), reason));
  }
}
