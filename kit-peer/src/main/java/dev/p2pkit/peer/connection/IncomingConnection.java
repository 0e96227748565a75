// The receiving end of a connection.
package dev.p2pkit.peer.connection;

import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import java.util.Optional;

/**
 * Takes messages by number: one that is not the next is handed back untouched, and so is the next
 * one if the access point cannot take it just now. Steps come one at a time.
 */
final class IncomingConnection {
  final String accessPoint;
  private long next = 1;

  IncomingConnection(String accessPoint) {
    this.accessPoint = accessPoint;
  }

  private synchronized boolean takes(long number) {
    if (number != next) {
      return false;
    }
    next++;
    return true;
  }

  /** The message was refused untouched; false if later ones have been taken already. */
  private synchronized boolean handsBack(long number) {
    if (next != number + 1) {
      return false;
    }
    next = number;
    return true;
  }

  /** What to deliver for a step; empty if it was answered. */
  Optional<Incoming> message(Incoming step, Frame.Data data) {
    if (!takes(data.number())) {
      step.fail(ErrorCode.NOT_READY, "a message before this one has not been taken yet");
      return Optional.empty();
    }
    Message carrier = step.message();
    Message message =
        new Message(
            carrier.source(),
            new Destination.OfPeer(destination(carrier)),
            accessPoint,
            data.body(),
            Optional.empty());
    return Optional.of(new Step(step, message, data.number()));
  }

  private static dev.p2pkit.sdk.PeerId destination(Message carrier) {
    if (carrier.destination() instanceof Destination.OfPeer here) {
      return here.peer();
    }
    throw new IllegalStateException("a connection's step goes to a peer");
  }

  private final class Step implements Incoming {
    private final Incoming carrier;
    private final Message message;
    private final long number;

    Step(Incoming carrier, Message message, long number) {
      this.carrier = carrier;
      this.message = message;
      this.number = number;
    }

    @Override
    public Message message() {
      return message;
    }

    @Override
    public long deadlineNanos() {
      return carrier.deadlineNanos();
    }

    @Override
    public void processed() {
      carrier.reply(Payload.bytes(new byte[0]));
    }

    @Override
    public void reply(Payload body) {
      processed();
    }

    @Override
    public void fail(ErrorCode code, String detail) {
      boolean untouched = code.delivery() == Delivery.NOT_DELIVERED && code.retryable();
      if (untouched && !handsBack(number)) {
        // A later one was taken: sending this one again would change the order.
        carrier.fail(ErrorCode.PROTOCOL_ERROR, code + ": " + detail);
      } else {
        carrier.fail(code, detail);
      }
    }
  }
}
