// One message to several receivers, and one answer of them all.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits a message for several receivers. The first reply is passed on at once and decides; without
 * one the message counts as processed when all are done, and as failed if one of them failed.
 */
public final class Fanout {
  private final Incoming incoming;
  private int open;
  private int notEnqueued;
  private boolean answered;
  private @Nullable ErrorCode failure;
  private String failureDetail = "";

  private Fanout(Incoming incoming, int parts) {
    this.incoming = incoming;
    this.open = parts;
    this.notEnqueued = parts;
  }

  /**
   * Splits a message into parts, each of which must be answered for like the whole.
   *
   * @param parts how many, at least 1
   */
  public static Incoming[] split(Incoming incoming, int parts) {
    if (parts == 1) {
      return new Incoming[] {incoming};
    }
    Fanout fanout = new Fanout(incoming, parts);
    Incoming[] split = new Incoming[parts];
    for (int i = 0; i < parts; i++) {
      split[i] = fanout.new Part();
    }
    return split;
  }

  private synchronized boolean lastEnqueued() {
    return --notEnqueued == 0 && !answered;
  }

  private synchronized boolean firstReply() {
    open--;
    boolean first = !answered;
    answered = true;
    return first;
  }

  private synchronized boolean lastEnd(@Nullable ErrorCode code, String detail) {
    if (code != null && failure == null) {
      failure = code;
      failureDetail = detail;
    }
    if (--open > 0 || answered) {
      return false;
    }
    answered = true;
    return true;
  }

  private void end(@Nullable ErrorCode code, String detail) {
    if (lastEnd(code, detail)) {
      ErrorCode failed = failure;
      if (failed == null) {
        incoming.processed();
      } else {
        incoming.fail(failed, failureDetail);
      }
    }
  }

  private final class Part implements Incoming {
    @Override
    public Optional<Once> once() {
      return incoming.once();
    }

    @Override
    public Optional<String> version() {
      return incoming.version();
    }

    @Override
    public long ownershipEpoch() {
      return incoming.ownershipEpoch();
    }

    @Override
    public Message message() {
      return incoming.message();
    }

    @Override
    public boolean stillOwned() {
      return incoming.stillOwned();
    }

    @Override
    public long deadlineNanos() {
      return incoming.deadlineNanos();
    }

    @Override
    public boolean enqueuedIsEnough() {
      return incoming.enqueuedIsEnough();
    }

    @Override
    public void enqueued() {
      if (lastEnqueued()) {
        incoming.enqueued();
      }
    }

    @Override
    public void processed() {
      end(null, "");
    }

    @Override
    public void reply(Payload body) {
      if (firstReply()) {
        incoming.reply(body);
      }
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      end(code, detail);
    }
  }
}
