// What this peer remembers of the messages of one origin, so that none is processed twice.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.Key;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one origin that are not known to be closed. An entry is an {@link Inbound}
 * (accepted, not answered), an {@link Outcome} (answered, kept to answer again) or a {@link
 * Refusal}. An id that is not there was never accepted here.
 */
final class OriginMemory {
  /** What an entry costs beside its bytes, roughly. */
  private static final int ENTRY_BYTES = 96;

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

  private final ClosedIds closed = new ClosedIds();
  private long highest;

  /** What is closed by the word of another peer, until its origin has its say. */
  private final ClosedIds told = new ClosedIds();

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
    return closed.has(id);
  }

  /**
   * Whether another peer has said that a message is closed of which a copy may be under way. Of the
   * others, which come for this process alone, only their origin knows: whoever hands an arc over
   * could keep all that it sends from being taken.
   */
  boolean isStray(long id, long now) {
    return told.has(id) && now < strayUntil;
  }

  /** Another peer says what is closed. */
  void told(RoutingFrame.Settled said) {
    if (told.close(said)) {
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

  /**
   * All that is closed, for whoever gets an arc. An entry that is closed is forgotten, also one
   * with an older message still open below it: the heir can know of it by this alone.
   */
  RoutingFrame.Settled allClosed() {
    return closed.saidWith(told);
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
    long from = closed.mark();
    for (long id : closed.closeBelow(lowestOpen)) {
      remove(id);
    }
    if (lowestOpen <= from) {
      return;
    }
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
   * The origin says what is closed. What was closed before stays closed: a later word of the origin
   * may have come first, and what was forgotten on it must not be taken for new.
   */
  void settle(RoutingFrame.Settled said) {
    unanswered = Math.max(0, unanswered - 1);
    if (older > 0) {
      older--;
    } else {
      // It knows better what it has closed than whoever has handed an arc over.
      told.clear();
    }
    if (closed.close(said)) {
      entries.forEachKey(id -> removeIfClosed(id));
    }
  }

  /** Takes everything as closed: the origin is gone. */
  void closeAll() {
    closeBelow(Math.max(closed.mark(), highest + 1));
  }
}
