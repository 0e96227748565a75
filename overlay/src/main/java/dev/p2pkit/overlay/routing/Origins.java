// What is remembered of others' messages: by origin, within bounds, until the origin has closed
// them.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memories of all origins. Quiet origins are asked which of their messages are open, so that
 * nothing is remembered when nothing is open.
 */
final class Origins implements ArcLedger.Memories {
  /** How long a quiet, empty origin is kept: no copy of a message lives longer (microseconds). */
  private static final long EMPTY_KEPT = 900_000_000;

  private static final long LONGEST_ASK_PAUSE = 30_000_000;

  /** No call lasts longer (microseconds). */
  private static final long LONGEST_LIFE = 600_000_000;

  private final Surroundings around;
  private final OriginMemory.Total total = new OriginMemory.Total();
  private final Map<PeerId, OriginMemory> origins = new LinkedHashMap<>();
  private final LongSupplier ownFloor;

  /** The time of the last step: the memory of an arc is asked for between steps. */
  long clock;

  /** What was accepted by another peer, from which this one has its key. */
  record Elsewhere(PeerRef acceptor) {}

  /** With the lowest open id of this peer's own calls. */
  Origins(Surroundings around, LongSupplier ownFloor) {
    this.around = around;
    this.ownFloor = ownFloor;
  }

  int remembered() {
    return total.entries;
  }

  /** Whether a message with so many bytes finds no room. */
  boolean isFull(int bytes) {
    return total.entries >= around.config.maxRemembered()
        || total.bytes + bytes > around.config.maxRememberedBytes();
  }

  /** What is remembered of an origin, if anything is. */
  @Nullable OriginMemory find(PeerId origin) {
    return origins.get(origin);
  }

  /** What is remembered of an origin, made if there is none; empty if there is no room. */
  @Nullable OriginMemory memory(long now, PeerId origin) {
    OriginMemory memory = origins.get(origin);
    if (memory == null && origins.size() < around.config.maxOrigins()) {
      memory = new OriginMemory(total);
      origins.put(origin, memory);
    }
    if (memory != null) {
      memory.heardAt = now;
    }
    return memory;
  }

  @Override
  public void forEachAccepted(Key after, Key upTo, ArcLedger.Visitor visitor) {
    long now = clock;
    origins.forEach(
        (origin, memory) -> {
          if (memory.strayUntil <= now) {
            return;
          }
          visitor.origin(origin, memory.floor(), memory.strayUntil - now);
          memory.forEachMoving(
              after,
              upTo,
              (id, key) -> {
                PeerRef acceptor =
                    memory.get(id) instanceof Elsewhere elsewhere
                        ? elsewhere.acceptor()
                        : around.self;
                visitor.accepted(origin, id, key, acceptor);
              });
        });
  }

  @Override
  public boolean close(PeerId origin, long lowestOpen, long straysFor) {
    OriginMemory memory = memory(clock, origin);
    if (memory == null) {
      return false;
    }
    memory.strayUntil = Math.max(memory.strayUntil, clock + Math.min(straysFor, LONGEST_LIFE));
    memory.closeBelow(lowestOpen);
    return true;
  }

  @Override
  public boolean remember(PeerId origin, long id, Key key, PeerRef acceptor) {
    OriginMemory memory = memory(clock, origin);
    if (memory == null || total.entries >= around.config.maxRemembered()) {
      return false;
    }
    Object known = memory.get(id);
    // What was refused here was accepted there all the same: under another attempt.
    if (!memory.isClosed(id) && (known == null || known instanceof Refusal)) {
      memory.put(id, new Elsewhere(acceptor));
      memory.moves(id, key);
    }
    return true;
  }

  /** The origin says which of its messages are open. */
  void settled(PeerId origin, RoutingFrame.Settled settled) {
    OriginMemory memory = origins.get(origin);
    if (memory != null) {
      int before = memory.size();
      memory.settle(settled.mark(), settled.open());
      if (memory.size() < before) {
        memory.askPause = 0;
      }
    }
  }

  /** When {@link #sweep} is due next; {@link Long#MAX_VALUE} if nothing is remembered. */
  long nextSweep(long now) {
    return total.entries == 0 ? Long.MAX_VALUE : now + around.config.settleEvery();
  }

  /** Asks quiet origins which of their messages are still open, and forgets those that are gone. */
  void sweep(long now) {
    Iterator<Map.Entry<PeerId, OriginMemory>> all = origins.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<PeerId, OriginMemory> entry = all.next();
      PeerId origin = entry.getKey();
      OriginMemory memory = entry.getValue();
      if (around.isSelf(origin)) {
        memory.closeBelow(ownFloor.getAsLong());
        continue;
      }
      Neighbour link = around.find(origin);
      boolean up = link != null && link.up;
      boolean known = up || around.view.find(origin).isPresent();
      long quiet = now - memory.heardAt;
      if (memory.size() == 0) {
        if (!known && quiet > EMPTY_KEPT) {
          all.remove();
        }
      } else if (!known && quiet > around.config.forgetAfter()) {
        memory.closeAll();
      } else if (known && now - memory.askedAt >= memory.askPause) {
        memory.askedAt = now;
        memory.askPause =
            Math.min(LONGEST_ASK_PAUSE, Math.max(around.config.settleEvery(), 2 * memory.askPause));
        Neighbour to =
            link != null ? link : around.neighbour(around.view.find(origin).orElseThrow());
        around.offer(to, new RoutingFrame.SettleQuery());
      }
    }
  }
}
