// What waits for a processor, bounded in count and bytes, and who runs its turns.
package dev.p2pkit.peer.service;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of one processor. It also says who <em>owns</em> the processor: whoever was told
 * {@link Offer#WAKE} owns it until {@link #next} returns null or {@link #park} succeeds, and nobody
 * else runs a turn meanwhile. A letter counts against the bounds from its offer to its {@link
 * #release}, also while its turn runs, is deferred, or its timer has not fired; so putting it back
 * never fails.
 *
 * <p>Thread-safe; the lock is held for a few operations on queues, never while foreign code runs.
 */
final class Mailbox {
  /** What an owner has to do next. */
  sealed interface Work permits Letter, Command {}

  /** Something that happens between two turns: an upgrade, a removal. */
  @FunctionalInterface
  non-sealed interface Command extends Work {
    /** Owns the processor from now on, also after it has returned, and hands it on. */
    void start();
  }

  /** What became of an offer. */
  enum Offer {
    /** It waits, and the caller must see to it that the processor runs. */
    WAKE,
    /** It waits, and somebody else sees to it. */
    QUEUED,
    /** The bounds are reached. */
    FULL,
    /** It is larger than all that may ever wait. */
    TOO_LARGE,
    /** The processor is gone. */
    CLOSED
  }

  private final ArrayDeque<Letter> queue = new ArrayDeque<>();
  private final ArrayDeque<Letter> deferred = new ArrayDeque<>();
  private final ArrayDeque<Command> commands = new ArrayDeque<>();
  private int maxMessages;
  private long maxBytes;
  private int messages;
  private long bytes;
  private boolean owned;
  private boolean closed;
  private boolean parked;
  private int parkings;

  Mailbox(int maxMessages, long maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  /** Sets other bounds; what waits already stays. */
  synchronized void limits(int newMessages, long newBytes) {
    maxMessages = newMessages;
    maxBytes = newBytes;
  }

  synchronized Offer offer(Letter letter) {
    if (closed) {
      return Offer.CLOSED;
    }
    if (!reserve(letter.bytes())) {
      return letter.bytes() > maxBytes ? Offer.TOO_LARGE : Offer.FULL;
    }
    return enqueue(letter);
  }

  /** As {@link #offer} for a letter whose room was reserved. */
  synchronized Offer offerReserved(Letter letter) {
    return closed ? Offer.CLOSED : enqueue(letter);
  }

  /** Adds a letter that must not be refused, whatever the bounds; there are few of these. */
  synchronized Offer offerAlways(Letter letter) {
    if (closed) {
      return Offer.CLOSED;
    }
    reserveAlways(letter.bytes());
    return enqueue(letter);
  }

  /** Takes room that must not be refused, whatever the bounds. */
  synchronized void reserveAlways(long size) {
    messages++;
    bytes += size;
  }

  private Offer enqueue(Letter letter) {
    queue.addLast(letter);
    return wakeUnlessOwned();
  }

  private Offer wakeUnlessOwned() {
    if (owned) {
      return Offer.QUEUED;
    }
    owned = true;
    return Offer.WAKE;
  }

  /** Takes room for a letter; false if there is none. */
  synchronized boolean reserve(long size) {
    if (messages >= maxMessages || bytes + size > maxBytes) {
      return false;
    }
    messages++;
    bytes += size;
    return true;
  }

  /** Gives the room of a letter back. */
  synchronized void release(long size) {
    messages--;
    bytes -= size;
  }

  /** Adds a command, which goes before all letters and ends a pause. */
  synchronized Offer command(Command command) {
    if (closed) {
      return Offer.CLOSED;
    }
    commands.addLast(command);
    if (parked) {
      parked = false;
      return Offer.WAKE;
    }
    return wakeUnlessOwned();
  }

  /** What the owner has to do next; null if there is nothing, and it owns the processor no more. */
  synchronized @Nullable Work next() {
    Work work = commands.pollFirst();
    if (work == null) {
      work = queue.pollFirst();
    }
    if (work == null) {
      owned = false;
    }
    return work;
  }

  /**
   * Begins a pause, in which nobody runs turns.
   *
   * @return the number to {@link #unpark} with; 0 if a command waits, and then there is no pause
   */
  synchronized int park() {
    if (!commands.isEmpty()) {
      return 0;
    }
    parked = true;
    parkings = parkings == Integer.MAX_VALUE ? 1 : parkings + 1;
    return parkings;
  }

  /** Ends a pause; true if it was still that one, and then the caller owns the processor. */
  synchronized boolean unpark(int parking) {
    if (!parked || parking != parkings) {
      return false;
    }
    parked = false;
    return true;
  }

  synchronized void defer(Letter letter) {
    deferred.addLast(letter);
  }

  /**
   * Puts the deferred letters before all others, in the order in which they were deferred, in which
   * they are returned.
   */
  synchronized List<Letter> resumeDeferred() {
    List<Letter> resumed = List.copyOf(deferred);
    while (!deferred.isEmpty()) {
      queue.addFirst(deferred.removeLast());
    }
    return resumed;
  }

  /** The deferred letters, in the order in which they were deferred. */
  synchronized List<Letter> deferred() {
    return List.copyOf(deferred);
  }

  /** All letters that a state file holds, taken out; those who brought them may wait. */
  synchronized List<Letter> takeStored() {
    List<Letter> taken = new ArrayList<>();
    queue.removeIf(letter -> letter.storedAs() != 0 && taken.add(letter));
    deferred.removeIf(letter -> letter.storedAs() != 0 && taken.add(letter));
    for (Letter letter : taken) {
      release(letter.bytes());
    }
    return taken;
  }

  /** Puts letters of a state file where they were; the bounds do not count for them. */
  synchronized void putStored(List<Letter> front, List<Letter> setAside) {
    pushFront(front);
    deferred.addAll(setAside);
    front.forEach(letter -> reserveAlways(letter.bytes()));
    setAside.forEach(letter -> reserveAlways(letter.bytes()));
  }

  /** No letter is in a state file any more. */
  synchronized void forgetStored() {
    queue.forEach(letter -> letter.storedAs(0));
    deferred.forEach(letter -> letter.storedAs(0));
  }

  /** Puts letters before all others, the first of them first. */
  synchronized void pushFront(List<Letter> letters) {
    for (int i = letters.size() - 1; i >= 0; i--) {
      queue.addFirst(letters.get(i));
    }
  }

  /**
   * Takes those deferred letters out that hold one of these messages, so that a message that is
   * pushed is not processed once more when the deferred ones are resumed.
   */
  synchronized Map<dev.p2pkit.sdk.Message, ArrayDeque<Letter>> takeDeferred(
      Collection<dev.p2pkit.sdk.Message> wanted) {
    Map<dev.p2pkit.sdk.Message, ArrayDeque<Letter>> found = new HashMap<>();
    if (deferred.isEmpty() || wanted.isEmpty()) {
      return found;
    }
    Map<dev.p2pkit.sdk.Message, Integer> open = new HashMap<>();
    wanted.forEach(message -> open.merge(message, 1, Integer::sum));
    deferred.removeIf(
        letter -> {
          int count = open.getOrDefault(letter.message(), 0);
          if (count == 0) {
            return false;
          }
          open.put(letter.message(), count - 1);
          found.computeIfAbsent(letter.message(), m -> new ArrayDeque<>()).addLast(letter);
          return true;
        });
    return found;
  }

  /** Takes out the deferred letters whose senders have given up. */
  synchronized List<Letter> expired(long nowNanos) {
    if (deferred.isEmpty()) {
      return List.of();
    }
    List<Letter> late = new ArrayList<>();
    deferred.removeIf(letter -> letter.expired(nowNanos) && late.add(letter));
    for (Letter letter : late) {
      release(letter.bytes());
    }
    return late;
  }

  /** Takes out all that waits; deferred letters, too. */
  synchronized List<Letter> drain() {
    List<Letter> all = new ArrayList<>(queue);
    all.addAll(deferred);
    queue.clear();
    deferred.clear();
    for (Letter letter : all) {
      messages--;
      bytes -= letter.bytes();
    }
    return all;
  }

  /** Accepts nothing more. */
  synchronized void close() {
    closed = true;
  }

  /** How many messages count against the bounds. */
  synchronized int held() {
    return messages;
  }

  /** How many bytes count against the bounds. */
  synchronized long heldBytes() {
    return bytes;
  }

  synchronized int waiting() {
    return queue.size() + deferred.size();
  }
}
