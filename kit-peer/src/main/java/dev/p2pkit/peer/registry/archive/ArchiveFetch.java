// One archive on its way here: which chunks are missing and who is asked for them.
package dev.p2pkit.peer.registry.archive;

import dev.p2pkit.client.record.Edition;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The state of a fetch. Decides; sends nothing. */
final class ArchiveFetch {
  private static final int MAX_DOUBLINGS = 4;

  final Edition edition;
  final ArchiveStorage.Incoming incoming;
  final List<Completion<Result<String>>> waiting = new ArrayList<>();

  /** What is asked for, by request id. */
  final Map<Long, Asked> asked = new LinkedHashMap<>();

  private final Map<PeerId, Holder> holders = new LinkedHashMap<>();
  private final Deque<Integer> again = new ArrayDeque<>();
  private int next;
  private int writing;
  private int written;

  Key grant;
  long deadlineAt;
  long deadlineAlarm;
  long wakeAlarm;
  boolean finished;

  ArchiveFetch(Edition edition, Key grant, ArchiveStorage.Incoming incoming, long deadlineAt) {
    this.edition = edition;
    this.grant = grant;
    this.incoming = incoming;
    this.deadlineAt = deadlineAt;
  }

  /** A chunk that was asked for. */
  record Asked(int index, PeerRef holder, long alarm) {}

  /** A peer that may have the archive. */
  private static final class Holder {
    final PeerRef peer;
    int asked;
    int failures;
    long pausedUntil;
    boolean excluded;

    Holder(PeerRef peer) {
      this.peer = peer;
    }
  }

  void addHolders(Collection<PeerRef> peers) {
    peers.forEach(peer -> holders.computeIfAbsent(peer.id(), id -> new Holder(peer)));
  }

  boolean knows(PeerId peer) {
    return holders.containsKey(peer);
  }

  /** Chunks that take memory now. */
  int inFlight() {
    return asked.size() + writing;
  }

  boolean complete() {
    return written == edition.chunks().size();
  }

  /** The next chunk to ask for; it counts as asked for from here on. */
  OptionalInt takeIndex() {
    Integer repeated = again.poll();
    if (repeated != null) {
      return OptionalInt.of(repeated);
    }
    return next < edition.chunks().size() ? OptionalInt.of(next++) : OptionalInt.empty();
  }

  void putBack(int index) {
    again.add(index);
  }

  /** Who is asked next: of those that may be asked, the one with the least to do. */
  Optional<PeerRef> choose(long now, int perHolder) {
    Holder best = null;
    for (Holder holder : holders.values()) {
      if (!holder.excluded
          && holder.pausedUntil <= now
          && holder.asked < perHolder
          && (best == null || holder.asked < best.asked)) {
        best = holder;
      }
    }
    return Optional.ofNullable(best).map(holder -> holder.peer);
  }

  /** Whether nobody who could be asked, now or later, is left. */
  boolean exhausted() {
    return holders.values().stream().allMatch(holder -> holder.excluded);
  }

  /** Whether every other peer of the ring has been thought of. */
  boolean knowsAll(RingView view) {
    return view.members().stream()
        .allMatch(peer -> knows(peer.id()) || peer.id().equals(view.self().id()));
  }

  /** When the first of the paused holders may be asked again; {@code Long.MAX_VALUE} if none is. */
  long firstWake(long now) {
    long first = Long.MAX_VALUE;
    for (Holder holder : holders.values()) {
      if (!holder.excluded && holder.pausedUntil > now) {
        first = Math.min(first, holder.pausedUntil);
      }
    }
    return first;
  }

  void ask(long id, Asked request) {
    asked.put(id, request);
    Holder holder = holders.get(request.holder().id());
    if (holder != null) {
      holder.asked++;
    }
  }

  /** An answer to a request is here, or will not come. */
  Optional<Asked> settle(long id) {
    Asked request = asked.remove(id);
    if (request == null) {
      return Optional.empty();
    }
    Holder holder = holders.get(request.holder().id());
    if (holder != null) {
      holder.asked--;
    }
    return Optional.of(request);
  }

  /** The ids of what was asked of a peer. */
  List<Long> askedOf(PeerId peer) {
    List<Long> ids = new ArrayList<>();
    asked.forEach(
        (id, request) -> {
          if (request.holder().id().equals(peer)) {
            ids.add(id);
          }
        });
    return ids;
  }

  void pause(PeerId peer, long now, long pause) {
    Holder holder = holders.get(peer);
    if (holder != null) {
      holder.pausedUntil = now + (pause << Math.min(holder.failures, MAX_DOUBLINGS));
      holder.failures++;
    }
  }

  void exclude(PeerId peer) {
    Holder holder = holders.get(peer);
    if (holder != null) {
      holder.excluded = true;
    }
  }

  void succeeded(PeerId peer) {
    Holder holder = holders.get(peer);
    if (holder != null) {
      holder.failures = 0;
    }
    writing++;
  }

  void wrote() {
    writing--;
    written++;
  }
}
