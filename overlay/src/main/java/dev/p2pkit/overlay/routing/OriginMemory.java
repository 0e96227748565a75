// What this peer remembers of the messages of one origin, so that none is processed twice.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.Key;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one origin that are not known to be closed. Ids below the floor are closed but
 * for a few exceptions; above it an entry is an {@link Inbound} (accepted, not answered), an {@link
 * Outcome} (answered, kept to answer again) or a {@link Refusal}. An id that is not there was never
 * accepted here.
 */
final class OriginMemory {
  /** What an entry costs beside its bytes, roughly. */
  private static final int ENTRY_BYTES = 96;

  private static final long[] NONE = {};

  /** The key of an entry, and which one it was of all that this peer has come to remember. */
  private record Moves(Key key, long order) {}

  /** How much is remembered: over all origins, of those that one neighbour brought, or of one. */
  static final class Total {
    int origins;
    int entries;
    long bytes;

    private void add(int moreEntries, long moreBytes) {
      entries += moreEntries;
      bytes += moreBytes;
    }
  }

  private final Total total;

  /** What its neighbour may take of the total: whoever brought the first message of this origin. */
  private Total share;

  /** What this origin takes. */
  private final Total own = new Total();

  private final LongTable<Object> entries = new LongTable<>();

  /** The entries that must move with their arc. */
  private final LongTable<Moves> moving = new LongTable<>();

  private long floor;
  private long[] exceptions = NONE;
  private long highest;

  /** Below it everything is closed by the word of another peer, until its origin has its say. */
  private long toldFloor;

  /** How often it was asked over this session of its link which messages are open, unanswered. */
  private int unanswered;

  private int askedSession;

  /** How many answers that are to come may be older than the word of another peer. */
  private int older;

  /** New ids up to this one were refused for want of room and stay refused. */
  private long refusedUpTo;

  /** Whether it has come over its own link, and so counts for itself. */
  boolean itself;

  /** When a message came from it last, in machine time. */
  long heardAt;

  /** Until when copies of its messages without a pin may turn up, in machine time. */
  long strayUntil = Long.MIN_VALUE;

  /** The order of the last entry that moves with its arc, or of what another peer has told. */
  long changed;

  /** When it was asked which messages are open, and the pause until it is asked again. */
  long askedAt;

  long askPause;

  /** When it was asked last because so much was remembered. */
  long pressedAt = Long.MIN_VALUE / 2;

  OriginMemory(Total total, Total share) {
    this.total = total;
    this.share = share;
    share.origins++;
  }

  Total share() {
    return share;
  }

  /** Counts for another neighbour from now on. */
  void moveTo(Total other) {
    share.origins--;
    share.entries -= own.entries;
    share.bytes -= own.bytes;
    other.origins++;
    other.entries += own.entries;
    other.bytes += own.bytes;
    share = other;
  }

  private void count(int entries, long bytes) {
    total.add(entries, bytes);
    share.add(entries, bytes);
    own.add(entries, bytes);
  }

  int size() {
    return entries.size();
  }

  /** Whether the origin has said that it does not wait for this message any more. */
  boolean isClosed(long id) {
    return id < floor && Arrays.binarySearch(exceptions, id) < 0;
  }

  /**
   * Whether another peer has said that a message is closed of which a copy may be under way. Of the
   * others, which come for this process alone, only their origin knows: whoever hands an arc over
   * could keep all that it sends from being taken.
   */
  boolean isStray(long id, long now) {
    return id < toldFloor && now < strayUntil;
  }

  /** Another peer says that every id below is closed. */
  void toldClosedBelow(long lowestOpen) {
    if (lowestOpen > toldFloor) {
      toldFloor = lowestOpen;
      older = unanswered;
    }
  }

  /** It is asked which messages are open; answers come in the order of the questions. */
  void asked(int session) {
    if (session != askedSession) {
      askedSession = session;
      unanswered = 0;
      older = 0;
    }
    unanswered++;
  }

  @Nullable Object get(long id) {
    return entries.get(id);
  }

  /** Whether a message was accepted here, or is closed and so does not stand in the way. */
  boolean hasAccepted(long id) {
    return hasAcceptedHere(id) || entries.get(id) instanceof Origins.Elsewhere;
  }

  /**
   * The same, but not if another peer has accepted it: it may be waiting there still, and be handed
   * back when its turn comes.
   */
  boolean hasAcceptedHere(long id) {
    if (isClosed(id)) {
      return true;
    }
    Object entry = entries.get(id);
    return entry instanceof Inbound || entry instanceof Outcome;
  }

  boolean refusesNew(long id) {
    return id <= refusedUpTo;
  }

  /** Remembers in one number that there was no room for this message. */
  void refuseUpTo(long id) {
    refusedUpTo = Math.max(refusedUpTo, id);
  }

  void put(long id, Object entry) {
    Object before = entries.put(id, entry);
    count(before == null ? 1 : 0, bytes(entry) - (before == null ? 0 : bytes(before)));
    highest = Math.max(highest, id);
  }

  /**
   * Whoever gets the arc of this key is to know that the message was accepted.
   *
   * @param order grows with each call, over all origins
   */
  void moves(long id, Key key, long order) {
    moving.put(id, new Moves(key, order));
    changed = order;
  }

  /** Gets messages with their keys. */
  interface Moving {
    void accept(long id, Key key);
  }

  /** Below it everything is closed, but for exceptions. */
  long floor() {
    return Math.max(toldFloor, exceptions.length > 0 ? exceptions[0] : floor);
  }

  /** The messages that were accepted for keys of an arc, without a pin, after some order. */
  void forEachMoving(Key from, Key to, long since, Moving action) {
    moving.forEachKey(
        id -> {
          Moves moves = moving.get(id);
          if (moves != null
              && moves.order() > since
              && moves.key().isIn(from, to)
              && hasAccepted(id)) {
            action.accept(id, moves.key());
          }
        });
  }

  private void remove(long id) {
    moving.remove(id);
    Object before = entries.remove(id);
    if (before != null) {
      count(-1, -bytes(before));
    }
  }

  private static int bytes(Object entry) {
    if (entry instanceof Inbound inbound) {
      return ENTRY_BYTES + inbound.envelope().body().length;
    }
    return entry instanceof Outcome.Replied reply ? ENTRY_BYTES + reply.body().length : ENTRY_BYTES;
  }

  /** Every id below is closed. */
  void closeBelow(long lowestOpen) {
    int kept = 0;
    while (kept < exceptions.length && exceptions[kept] < lowestOpen) {
      remove(exceptions[kept++]);
    }
    if (kept > 0) {
      exceptions = Arrays.copyOfRange(exceptions, kept, exceptions.length);
    }
    if (lowestOpen <= floor) {
      return;
    }
    long from = floor;
    floor = lowestOpen;
    if (lowestOpen - from <= 2L * entries.size()) {
      for (long id = from; id < lowestOpen; id++) {
        remove(id);
      }
    } else if (entries.size() > 0) {
      entries.forEachKey(id -> removeIfClosed(id));
    }
  }

  private void removeIfClosed(long id) {
    if (isClosed(id)) {
      remove(id);
    }
  }

  /**
   * Every id below the mark is closed, but for these. What was closed before stays closed: a later
   * word of the origin may have come first, and what was forgotten on it must not be taken for new.
   *
   * @param open in ascending order
   */
  void settle(long mark, long[] open) {
    unanswered = Math.max(0, unanswered - 1);
    if (older > 0) {
      older--;
    } else {
      // It knows better what it has closed than whoever has handed an arc over.
      toldFloor = 0;
    }
    if (mark < floor) {
      return;
    }
    long[] still = new long[open.length];
    int count = 0;
    for (int i = 0; i < open.length && open[i] < mark; i++) {
      if (!isClosed(open[i])) {
        still[count++] = open[i];
      }
    }
    floor = mark;
    exceptions = Arrays.copyOf(still, count);
    entries.forEachKey(id -> removeIfClosed(id));
  }

  /** Takes everything as closed: the origin is gone. */
  void closeAll() {
    exceptions = NONE;
    closeBelow(Math.max(floor, highest + 1));
    entries.forEachKey(id -> removeIfClosed(id));
  }
}
