// The requests of a session that wait for their answer.
package dev.p2pkit.client.session;

import dev.p2pkit.sdk.ErrorCode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Open requests by id. Each ends exactly once: by an answer, at its deadline, or when the session
 * ends; then it is out of the table. Answers to ids that are not here are counted and dropped. Not
 * thread-safe.
 */
final class RequestTable {
  /** What a request that had left is worth when its answer cannot come any more. */
  enum Effect {
    /** It may have changed something: the end is {@link ErrorCode#DELIVERY_UNKNOWN}. */
    CHANGES,
    /** It only asked. */
    ASKS
  }

  /**
   * So many bytes of an answer are kept: more than a peer lets wait for a client, and few enough
   * for a peer that answers without end.
   */
  static final long MOST_BYTES = 32 << 20;

  /** What the shortest part counts. */
  private static final int LEAST_PART = 256;

  private static final class Pending {
    final long deadlineAt;
    final Effect effect;
    final Consumer<Outcome> whenDone;
    final List<SessionResult> parts = new ArrayList<>(1);
    long bytes;

    Pending(long deadlineAt, Effect effect, Consumer<Outcome> whenDone) {
      this.deadlineAt = deadlineAt;
      this.effect = effect;
      this.whenDone = whenDone;
    }
  }

  private final int most;
  private final Map<Long, Pending> open = new LinkedHashMap<>();
  private long lastId;
  private long strays;
  // Never later than the earliest deadline: a scan is due only when it has passed.
  private long scanAt = Long.MAX_VALUE;

  RequestTable(int most) {
    this.most = most;
  }

  /** Enters a request; empty if the table is full. */
  Optional<Long> open(long deadlineAt, Effect effect, Consumer<Outcome> whenDone) {
    if (open.size() >= most) {
      return Optional.empty();
    }
    lastId++;
    open.put(lastId, new Pending(deadlineAt, effect, whenDone));
    scanAt = Math.min(scanAt, deadlineAt);
    return Optional.of(lastId);
  }

  /**
   * Takes an answer, or a part of one.
   *
   * @param bytes how long a part is that is not the last one
   * @return false if the peer answers more than a client keeps: the request has failed
   */
  boolean answer(long id, boolean last, SessionResult result, int bytes) {
    Pending pending = last ? open.remove(id) : open.get(id);
    if (pending == null) {
      strays++;
      return true;
    }
    pending.bytes += Math.max(LEAST_PART, bytes);
    if (!last && pending.bytes > MOST_BYTES) {
      return !fail(
          id,
          ErrorCode.MESSAGE_TOO_LARGE,
          "the proxy peer answers more than the " + MOST_BYTES + " bytes that a client keeps");
    }
    pending.parts.add(result);
    if (last) {
      pending.whenDone.accept(new Outcome.Answered(pending.parts));
    }
    return true;
  }

  /** Ends a request with a failure; whether it was open. */
  boolean fail(long id, ErrorCode code, String detail) {
    Pending pending = open.remove(id);
    if (pending == null) {
      strays++;
      return false;
    }
    pending.whenDone.accept(new Outcome.Failed(code, detail));
    return true;
  }

  /** Whether the request waits for its answer. */
  boolean isOpen(long id) {
    return open.containsKey(id);
  }

  /** Ends what is past its deadline. */
  void expire(long now) {
    if (now < scanAt) {
      return;
    }
    scanAt = Long.MAX_VALUE;
    List<Pending> late = new ArrayList<>();
    for (Iterator<Pending> each = open.values().iterator(); each.hasNext(); ) {
      Pending pending = each.next();
      if (pending.deadlineAt <= now) {
        each.remove();
        late.add(pending);
      } else {
        scanAt = Math.min(scanAt, pending.deadlineAt);
      }
    }
    for (Pending pending : late) {
      pending.whenDone.accept(
          pending.effect == Effect.CHANGES
              ? new Outcome.Failed(
                  ErrorCode.DELIVERY_UNKNOWN,
                  "the proxy peer did not answer before the deadline; the message may have been"
                      + " processed")
              : new Outcome.Failed(
                  ErrorCode.TIMEOUT, "the proxy peer did not answer before the deadline"));
    }
  }

  /** Ends everything, because the session is gone. */
  void close(String reason) {
    List<Pending> all = List.copyOf(open.values());
    open.clear();
    scanAt = Long.MAX_VALUE;
    for (Pending pending : all) {
      pending.whenDone.accept(
          pending.effect == Effect.CHANGES
              ? new Outcome.Failed(
                  ErrorCode.DELIVERY_UNKNOWN,
                  reason + " before the answer came; the message may have been processed")
              : new Outcome.Failed(ErrorCode.CLOSED, reason + " before the answer came"));
    }
  }

  /** How many requests wait. */
  int size() {
    return open.size();
  }

  /** How many answers came to requests that were not open. */
  long strays() {
    return strays;
  }
}
