// A message that the overlay has delivered, as the access points see it.
package dev.p2pkit.peer;

import dev.p2pkit.overlay.peer.OverlayPeer;
import dev.p2pkit.overlay.routing.Envelope;
import dev.p2pkit.overlay.routing.Inbound;
import dev.p2pkit.overlay.routing.Outcome;
import dev.p2pkit.peer.service.Incoming;
import dev.p2pkit.peer.service.Once;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.OwnershipMode;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Answers for a message of the overlay: what the access points say goes back to the sender. */
final class Arrival implements Incoming {
  private final OverlayPeer overlay;
  private final Inbound inbound;
  private final Message message;
  private final long deadlineNanos;
  private final OwnershipMode mode;
  private final Optional<String> version;
  private final long ownershipEpoch;
  private final Optional<OnceHeader> once;

  Arrival(OverlayPeer overlay, Inbound inbound, OwnershipMode mode) {
    this.mode = mode;
    this.overlay = overlay;
    this.inbound = inbound;
    Envelope envelope = inbound.envelope();
    byte[] bytes = envelope.body();
    if (Mark.REPEATED.isOn(envelope)) {
      OnceHeader.Split split = OnceHeader.split(envelope.origin(), bytes);
      once = Optional.of(split.header());
      bytes = split.body();
    } else {
      once = Optional.empty();
    }
    VersionedBody body = VersionedBody.of(envelope, bytes);
    this.version = body.version();
    this.message =
        new Message(
            envelope.has(Envelope.FROM_CLIENT)
                ? new Source.OfClient()
                : new Source.OfPeer(envelope.origin()),
            envelope.byKey()
                ? new Destination.OfKey(envelope.target())
                : new Destination.OfPeer(new PeerId(envelope.target())),
            envelope.accessPoint(),
            body.payload(),
            replyTo(envelope));
    this.ownershipEpoch = envelope.byKey() ? overlay.view().holding().tenure(mode).epoch() : 0;
    this.deadlineNanos =
        System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(envelope.remainingMicros());
  }

  private static Optional<Address> replyTo(Envelope envelope) {
    if (envelope.replyTo().isPresent() || !envelope.has(Envelope.RPC)) {
      return envelope.replyTo();
    }
    return Optional.of(Address.ofPeer(envelope.origin(), ReplyPoint.of(envelope.id())));
  }

  @Override
  public Message message() {
    return message;
  }

  @Override
  public Optional<Once> once() {
    return once.map(OnceHeader::once);
  }

  /** Whether a copy of it may have reached another peer, whose state would know it. */
  boolean isBoundElsewhere() {
    return once.flatMap(OnceHeader::bound).filter(peer -> !peer.equals(self())).isPresent();
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public Optional<String> version() {
    return version;
  }

  @Override
  public boolean stillOwned() {
    Envelope envelope = inbound.envelope();
    return !envelope.byKey()
        || mode == OwnershipMode.AVAILABLE
        || overlay.view().owns(envelope.target(), overlay.now());
  }

  @Override
  public long ownershipEpoch() {
    return ownershipEpoch;
  }

  @Override
  public boolean enqueuedIsEnough() {
    Envelope envelope = inbound.envelope();
    return envelope.has(Envelope.ACK_ENQUEUED) && !envelope.has(Envelope.RPC);
  }

  @Override
  public void enqueued() {
    if (inbound.envelope().has(Envelope.ACK_ENQUEUED)) {
      overlay.complete(inbound, new Outcome.Acknowledged(self(), false, epoch()));
    }
  }

  @Override
  public void processed() {
    overlay.complete(inbound, new Outcome.Acknowledged(self(), true, epoch()));
  }

  @Override
  public void reply(Payload body) {
    overlay.complete(inbound, new Outcome.Replied(self(), body.toWire(), epoch()));
  }

  @Override
  public void fail(ErrorCode code, String detail) {
    overlay.complete(inbound, new Outcome.Failed(code, detail, self()));
  }

  private PeerId self() {
    return overlay.self().id();
  }

  private long epoch() {
    return inbound.envelope().serviceEpoch();
  }
}
