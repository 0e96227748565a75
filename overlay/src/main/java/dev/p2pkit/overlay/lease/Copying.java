// The memory of an arc that goes ahead of the arc, at the peer that gives it.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Ask;
import dev.p2pkit.overlay.lease.LeaseMessage.Memory;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryPart;
import dev.p2pkit.overlay.lease.LeaseMessage.MemoryTaken;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.overlay.machine.ArcMemory.Copy;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A memory that is too large to go with its arc in one frame is copied to the heir first, part by
 * part, while this peer goes on to serve. What has come meanwhile is copied in the next round,
 * until so little is left that it can go with the arc. One copy is under way at a time; whatever
 * ends it, nothing has to be taken back: each part is true for itself, and the arc stays where it
 * is. No rule about who serves depends on it: an heir that has not got all of it only counts as one
 * that has held the arc since then.
 */
final class Copying {
  /** Bytes of a part, so that what is more urgent waits for one such frame at most. */
  static final int PART = 64 * 1024;

  /** Parts that may be on their way. */
  private static final int WINDOW = 8;

  /** After so many rounds what is left goes with the arc, or nothing does. */
  private static final int MOST_ROUNDS = 8;

  /** A copy to one process, of one arc. */
  private static final class Transfer {
    final PeerId to;
    final long incarnation;
    final PeerId lo;
    final PeerId hi;
    final long number;

    /** What is not taken yet, and which part the first of it is. */
    final List<byte[]> left = new ArrayList<>();

    int taken;
    int sent;
    int rounds;
    long mark;
    long progressAt;
    long sentAt;
    boolean ready;
    boolean failed;

    Transfer(PeerId to, long incarnation, PeerId lo, PeerId hi, long number) {
      this.to = to;
      this.incarnation = incarnation;
      this.lo = lo;
      this.hi = hi;
      this.number = number;
      progressAt = number;
    }

    boolean isOf(PeerId other, PeerId from, PeerId upTo) {
      return to.equals(other) && lo.equals(from) && hi.equals(upTo);
    }

    boolean ended() {
      return ready || failed;
    }
  }

  private final Lease lease;
  private final ArcMemory memory;
  private @Nullable Transfer transfer;
  private long lastNumber;

  Copying(Lease lease, ArcMemory memory) {
    this.lease = lease;
    this.memory = memory;
  }

  void clear() {
    transfer = null;
  }

  /**
   * Whether the arc can go to the heir now: what is remembered of it is small, or most of it is
   * there already. If not, it is on its way.
   *
   * @param incarnation of the heir's process; 0 if unknown
   */
  boolean isAhead(long now, PeerId to, long incarnation, PeerId lo, PeerId hi) {
    Transfer present = transfer;
    if (present != null && present.isOf(to, lo, hi) && present.incarnation == incarnation) {
      return present.ended();
    }
    if (present != null && !present.to.equals(to) && !present.ended()) {
      return false;
    }
    transfer = null;
    Optional<Copy> copy = memory.copy(lo.position(), hi.position(), 0, PART);
    if (copy.isEmpty() || copy.get().bytes() <= LeaseConfig.MOST_MEMORY) {
      return true;
    }
    lastNumber = Math.max(now, lastNumber + 1);
    Transfer next = new Transfer(to, incarnation, lo, hi, lastNumber);
    next.progressAt = now;
    transfer = next;
    round(next, copy.get());
    send(now, next);
    return false;
  }

  private static void round(Transfer next, Copy copy) {
    next.rounds++;
    next.mark = copy.mark();
    next.left.addAll(copy.parts());
  }

  /** Sends what may be on its way and has not been sent yet. */
  private void send(long now, Transfer present) {
    int end = Math.min(present.left.size(), WINDOW);
    for (int i = present.sent - present.taken; i < end; i++) {
      lease.around.send(
          present.to,
          new MemoryPart(
              present.number, present.sent, present.lo, present.hi, present.left.get(i)));
      present.sent++;
      present.sentAt = now;
    }
  }

  /** The heir says how many parts it has. */
  void onTaken(long now, PeerId from, MemoryTaken message) {
    Transfer present = transfer;
    if (present == null
        || present.ended()
        || !present.to.equals(from)
        || present.number != message.copy()) {
      return;
    }
    if (message.refused()) {
      fail(present);
    } else if (message.parts() > present.taken && message.parts() <= present.sent) {
      present.left.subList(0, message.parts() - present.taken).clear();
      present.taken = message.parts();
      present.progressAt = now;
      if (present.left.isEmpty()) {
        next(present);
      }
      send(now, present);
    }
  }

  /** A round is over: what has come meanwhile is copied too, unless it is little. */
  private void next(Transfer present) {
    Optional<Copy> copy =
        memory.copy(present.lo.position(), present.hi.position(), present.mark, PART);
    if (copy.isEmpty()) {
      fail(present);
    } else if (copy.get().bytes() <= LeaseConfig.MOST_MEMORY / 2 || present.rounds == MOST_ROUNDS) {
      present.ready = true;
      call(present);
    } else {
      round(present, copy.get());
    }
  }

  /** The arc goes without its memory: the heir has no room for it, or is silent. */
  private void fail(Transfer present) {
    present.failed = true;
    present.left.clear();
    call(present);
  }

  /** A newcomer's lease runs from when it has asked: it is to ask now. */
  private void call(Transfer present) {
    if (present.hi.equals(present.to)) {
      lease.around.send(present.to, new Ask());
    }
  }

  /** Sends again what may be lost; gives up what goes on no more. */
  void look(long now) {
    Transfer present = transfer;
    if (present == null) {
      return;
    }
    boolean mine = present.hi.equals(lease.state.self);
    boolean held = mine ? lease.state.lo.equals(present.lo) : isInArc(present);
    if (!held || !lease.around.isAlive(present.to)) {
      transfer = null;
    } else if (!present.ended() && now - present.progressAt > 2 * lease.config.length()) {
      fail(present);
    } else if (!present.ended() && now - present.sentAt >= Renewing.RETRY) {
      present.sent = present.taken;
      send(now, present);
    }
  }

  /** Whether the arc of a newcomer is part of this peer's still, or is being handed over. */
  private boolean isInArc(Transfer present) {
    HandOver handOver = lease.state.handOver;
    return handOver != null
        ? handOver.newcomer().equals(present.to) && handOver.oldLo().equals(present.lo)
        : lease.state.lo.equals(present.lo) && lease.state.inside(present.to);
  }

  /** Whether parts are on their way, so that {@link #look} is to be called. */
  boolean isBusy() {
    return transfer != null && !transfer.ended();
  }

  /**
   * What goes with an arc that this peer has stopped to serve: all that is remembered, or what has
   * come since the copy. Empty if that is too much, or the copy has failed.
   */
  Optional<Memory> rest(PeerId to, PeerId lo, PeerId hi) {
    Transfer present = transfer;
    boolean ahead = present != null && present.isOf(to, lo, hi) && !present.failed;
    long since = ahead && present != null ? present.mark : 0;
    long number = ahead && present != null ? present.number : 0;
    int parts = ahead && present != null ? present.taken + present.left.size() : 0;
    return memory
        .give(lo.position(), hi.position(), since, LeaseConfig.MOST_MEMORY)
        .map(bytes -> new Memory(number, parts, bytes));
  }
}
