// What is remembered of others' messages: by origin, within bounds, until the origin has closed
// them.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.HashMap;
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

  /**
   * What others tell who hand arcs over leaves one part in so many of all room for messages that
   * come: a liar could keep everybody from being heard.
   */
  private static final int LEFT = 16;

  /** It fills one part in so many for one origin, which could not be heard otherwise. */
  private static final int TOLD_OF_ONE = 4;

  /** No call lasts longer (microseconds). */
  private static final long LONGEST_LIFE = 600_000_000;

  private final Surroundings around;
  private final OriginMemory.Total total = new OriginMemory.Total();
  private final Map<PeerId, OriginMemory> origins = new LinkedHashMap<>();

  /** What each neighbour has brought. */
  private final Map<PeerId, OriginMemory.Total> shares = new HashMap<>();

  private final LongSupplier ownFloor;

  /** The time of the last step: the memory of an arc is asked for between steps. */
  long clock;

  /** How much this peer has come to remember of what moves with its arc. */
  private long order;

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

  /** Whether one more message with so many bytes finds no room; one neighbour may have half. */
  boolean isFull(OriginMemory memory, int bytes) {
    OriginMemory.Total share = memory.share();
    int most = around.config.maxRemembered();
    long mostBytes = around.config.maxRememberedBytes();
    return total.entries >= most
        || total.bytes + bytes > mostBytes
        || share.entries > most / 2
        || (share.entries > 0 && share.bytes + bytes > mostBytes / 2);
  }

  /** What is remembered of an origin, if anything is. */
  @Nullable OriginMemory find(PeerId origin) {
    return origins.get(origin);
  }

  /**
   * What is remembered of an origin, made if there is none; empty if there is no room. It counts as
   * that of the neighbour by which it came, and as the origin's own as soon as it comes itself.
   */
  @Nullable OriginMemory memory(long now, PeerId origin, PeerId via) {
    OriginMemory memory = origins.get(origin);
    if (memory == null) {
      OriginMemory.Total share = shares.get(via);
      boolean half = share != null && share.origins > around.config.maxOrigins() / 2;
      if (half || origins.size() >= around.config.maxOrigins()) {
        return null;
      }
      memory = new OriginMemory(total, share(via));
      memory.itself = via.equals(origin);
      origins.put(origin, memory);
    } else if (!memory.itself && via.equals(origin)) {
      memory.itself = true;
      memory.moveTo(share(via));
    }
    memory.heardAt = now;
    return memory;
  }

  private OriginMemory.Total share(PeerId neighbour) {
    return shares.computeIfAbsent(neighbour, unused -> new OriginMemory.Total());
  }

  /** Whoever gets the arc of this key is to know that the message was accepted. */
  void moves(OriginMemory memory, long id, Key key) {
    memory.moves(id, key, ++order);
  }

  @Override
  public long order() {
    return order;
  }

  @Override
  public void forEachAccepted(Key after, Key upTo, long since, ArcLedger.Visitor visitor) {
    long now = clock;
    origins.forEach(
        (origin, memory) -> {
          // What an origin has closed is of interest only beside what it has sent since.
          if (memory.strayUntil <= now || memory.changed <= since) {
            return;
          }
          visitor.origin(origin, memory.allClosed(), memory.strayUntil - now);
          memory.forEachMoving(
              after,
              upTo,
              since,
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
  public boolean close(PeerId origin, RoutingFrame.Settled closed, long straysFor) {
    OriginMemory memory = memory(clock, origin, around.self.id());
    if (memory == null) {
      return false;
    }
    memory.strayUntil = Math.max(memory.strayUntil, clock + Math.min(straysFor, LONGEST_LIFE));
    memory.told(closed);
    memory.changed = ++order;
    return true;
  }

  @Override
  public boolean remember(PeerId origin, long id, Key key, PeerRef acceptor) {
    OriginMemory memory = memory(clock, origin, around.self.id());
    int most = around.config.maxRemembered();
    if (memory == null
        || total.entries >= most - most / LEFT
        || memory.size() >= most / TOLD_OF_ONE) {
      return false;
    }
    Object known = memory.get(id);
    // What was refused here was accepted there all the same: under another attempt.
    if (!memory.isClosed(id) && (known == null || known instanceof Refusal)) {
      memory.put(id, new Elsewhere(acceptor));
      moves(memory, id, key);
    }
    return true;
  }

  /** The origin says which of its messages are open. */
  void settled(PeerId origin, RoutingFrame.Settled settled) {
    OriginMemory memory = origins.get(origin);
    if (memory != null) {
      int before = memory.size();
      memory.settle(settled);
      if (memory.size() < before) {
        memory.askPause = 0;
      }
    }
  }

  /** Asks an origin now which of its messages are open, unless that was done a moment ago. */
  void press(long now, PeerId origin, OriginMemory memory) {
    if (now - memory.pressedAt >= Owner.PRESS_PAUSE) {
      memory.pressedAt = now;
      ask(origin, memory);
    }
  }

  private void ask(PeerId origin, OriginMemory memory) {
    Neighbour link = around.find(origin);
    if (link == null) {
      link = around.view.find(origin).map(around::neighbour).orElse(null);
    }
    if (link != null && around.offer(link, new RoutingFrame.SettleQuery())) {
      memory.asked(link.session);
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
          memory.share().origins--;
          all.remove();
        }
      } else if (!known && quiet > around.config.forgetAfter()) {
        memory.closeAll();
      } else if (known && now - memory.askedAt >= memory.askPause) {
        memory.askedAt = now;
        memory.askPause =
            Math.min(LONGEST_ASK_PAUSE, Math.max(around.config.settleEvery(), 2 * memory.askPause));
        ask(origin, memory);
      }
    }
    shares.values().removeIf(share -> share.origins == 0);
  }
}
