// The calls of this peer: how they open, wait and end.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open calls. Every one of them is in the wheel at least for its deadline, so none can be
 * forgotten; where each is sent is up to {@link Pinning}.
 */
final class Calls {
  /** The header writes the distance between two ids as 31 bits. */
  private static final long WINDOW = Integer.MAX_VALUE;

  /** How many ids one millisecond of incarnation stands for: ids grow over restarts. */
  private static final int IDS_PER_INCARNATION = 20;

  private final Surroundings around;
  private final LongTable<Call> open = new LongTable<>();
  private final LaneTable lanes = new LaneTable();
  private final Wheel<Call> wheel = new Wheel<>();
  private final ArrayDeque<Call> released = new ArrayDeque<>(1);
  private @Nullable Call oldest;
  private @Nullable Call newest;
  private long openBytes;
  private long nextId;

  /** Waits for a pause or a view. */
  final CallList parked = new CallList();

  Calls(Surroundings around) {
    this.around = around;
    nextId = (around.self.incarnation() << IDS_PER_INCARNATION) + 1;
  }

  int size() {
    return open.size();
  }

  @Nullable Call find(long id) {
    return open.get(id);
  }

  /** Registers a call; one that cannot be ends at once and is returned as ended. */
  Call open(long now, Draft draft, Consumer<Outcome> whenDone) {
    Call call = new Call(nextId++, draft, whenDone, now + draft.lifeMicros());
    if (around.closing) {
      return refuse(call, ErrorCode.CLOSED, "this peer is closing");
    }
    int bytes = draft.body().length;
    RouterConfig config = around.config;
    if (bytes > config.maxBody()) {
      return refuse(
          call,
          ErrorCode.MESSAGE_TOO_LARGE,
          "the body has " + bytes + " bytes; at most " + config.maxBody() + " fit into a message");
    }
    if (open.size() >= config.maxOpen()
        || openBytes + bytes > config.maxOpenBytes()
        || call.id - lowestOpen() > WINDOW) {
      return refuse(
          call,
          ErrorCode.BUSY,
          open.size() + " calls with " + openBytes + " bytes are open; wait for some to end");
    }
    open.put(call.id, call);
    openBytes += bytes;
    call.older = newest;
    if (newest == null) {
      oldest = call;
    } else {
      newest.newer = call;
    }
    newest = call;
    lanes.add(call);
    return call;
  }

  private Call refuse(Call call, ErrorCode code, String detail) {
    call.state = Call.State.ENDED;
    around.counters.drop("refused here as " + code);
    around.outbox.done(call, new Outcome.Failed(code, detail, around.self.id()));
    return call;
  }

  /** The lowest id that is open; the next one if none is. */
  long lowestOpen() {
    return oldest == null ? nextId : oldest.id;
  }

  /** Which ids are open, for owners that remember some of this peer's messages. */
  RoutingFrame.Settled settled() {
    long[] ids = new long[Math.min(open.size(), RoutingCodec.MAX_OPEN)];
    int count = 0;
    Call call = oldest;
    while (call != null && count < ids.length) {
      ids[count++] = call.id;
      call = call.newer;
    }
    return new RoutingFrame.Settled(call == null ? nextId : call.id, Arrays.copyOf(ids, count));
  }

  /** Ends a call; its outcome is handed over at the end of the step. */
  void end(Call call, Outcome outcome) {
    detach(call);
    call.state = Call.State.ENDED;
    wheel.clear(call);
    open.remove(call.id);
    openBytes -= call.draft.body().length;
    if (call.older == null) {
      oldest = call.newer;
    } else {
      call.older.newer = call.newer;
    }
    if (call.newer == null) {
      newest = call.older;
    } else {
      call.newer.older = call.older;
    }
    call.older = null;
    call.newer = null;
    leaveLane(call);
    if (!(outcome instanceof Outcome.Failed)) {
      around.counters.answered(call.hops);
    }
    around.outbox.done(call, outcome);
  }

  void fail(Call call, ErrorCode code, String detail) {
    around.counters.drop(code.name());
    end(call, new Outcome.Failed(code, detail, around.self.id()));
  }

  /** Ends a call of which no copy can have been accepted, or else may have been. */
  void giveUp(Call call, ErrorCode whenNothingLeft, String detail) {
    if (call.exposures == 0 && !call.repeated) {
      fail(call, whenNothingLeft, detail);
    } else if (call.processed) {
      fail(call, ErrorCode.DELIVERY_UNKNOWN, "it was processed, but no reply came: " + detail);
    } else {
      fail(call, ErrorCode.DELIVERY_UNKNOWN, detail);
    }
  }

  /** The deadline has come. */
  void expire(Call call) {
    String what =
        switch (call.problem) {
          case NOT_READY -> "no peer was ready to take the key until the deadline";
          case NO_ROUTE -> "no path to the owner was found until the deadline";
          case NO_SUCH_PEER -> "no such peer was seen until the deadline";
          case BUSY -> "the link to the owner was full until the deadline";
          default -> "the deadline passed before the message could leave";
        };
    giveUp(
        call,
        call.problem,
        call.exposures == 0 ? what : "the deadline passed without an answer from the owner");
  }

  /** Nothing that comes after this call in its lane has to wait for it any more. */
  void leaveLane(Call call) {
    Call after = lanes.remove(call);
    if (after != null) {
      release(after);
    }
  }

  /** Lets a call that waited for the one before it be looked at, at the end of the step. */
  void release(@Nullable Call call) {
    if (call != null && call.state == Call.State.BEHIND) {
      released.add(call);
    }
  }

  /** The owner has said that it has the message: the next one in its lane may go. */
  void accepted(Call call) {
    if (!call.accepted) {
      call.accepted = true;
      release(call.laneAfter);
    }
  }

  /** The next call that may go on; empty if there is none. */
  @Nullable Call nextReleased() {
    Call call = released.poll();
    while (call != null && call.state != Call.State.BEHIND) {
      call = released.poll();
    }
    return call;
  }

  /** Takes a call out of what it waits for. */
  void detach(Call call) {
    if (call.state == Call.State.SENT && call.pin != null) {
      Neighbour owner = around.find(call.pin.id());
      if (owner != null) {
        owner.unanswered--;
        owner.unansweredBytes -= call.draft.body().length;
      }
    }
    CallList.leave(call);
    if (call.state != Call.State.ENDED) {
      call.state = Call.State.LOOSE;
    }
  }

  /** Waits for a pause, another view, or the deadline. */
  void park(long now, Call call, ErrorCode problem, long until) {
    detach(call);
    call.state = Call.State.PARKED;
    call.pin = null;
    call.problem = problem;
    parked.add(call);
    wake(now, call, until);
  }

  void behind(long now, Call call) {
    detach(call);
    call.state = Call.State.BEHIND;
    call.pin = null;
    wake(now, call, Long.MAX_VALUE);
  }

  void atLink(long now, Call call, PeerRef owner, Neighbour link, long until) {
    detach(call);
    call.state = Call.State.AT_LINK;
    call.pin = owner;
    link.calls.add(call);
    wake(now, call, until);
  }

  void sent(long now, Call call, PeerRef owner, Neighbour link, long until) {
    if (call.state != Call.State.SENT) {
      detach(call);
      call.state = Call.State.SENT;
      call.pin = owner;
      link.calls.add(call);
      link.unanswered++;
      link.unansweredBytes += call.draft.body().length;
    }
    wake(now, call, until);
  }

  /** Has left without a pin. */
  void underWay(long now, Call call, long until) {
    if (!call.unpinned()) {
      detach(call);
      call.state = Call.State.SENT;
      call.pin = null;
    }
    wake(now, call, until);
  }

  /** Has a call looked at again at this time, or at its deadline if that is earlier. */
  void wake(long now, Call call, long at) {
    wheel.set(call, Math.min(at, call.deadlineAt), now);
  }

  List<Call> due(long now) {
    return wheel.due(now);
  }

  long nextWake() {
    return wheel.next();
  }

  /** All open calls, oldest first. */
  List<Call> all() {
    List<Call> all = new ArrayList<>(open.size());
    for (Call call = oldest; call != null; call = call.newer) {
      all.add(call);
    }
    return all;
  }
}
