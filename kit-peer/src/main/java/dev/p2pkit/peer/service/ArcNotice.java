// An arc that came, went or had two owners, as a processor is told of it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceDescriptor.ArcTurn;
import dev.p2pkit.sdk.Source;
import java.util.Optional;

/**
 * An arc that came or went, or of which a part had an owner in another ring too.
 *
 * @param arc which keys
 * @param epoch since when, or until when, in the count of owners
 * @param otherEpoch of the owner in the other ring; 0 if unknown, or if this is about none
 */
record ArcNotice(Kind kind, Arc arc, long epoch, long otherEpoch) {
  /** What has happened to the arc. */
  enum Kind {
    GAINED,
    LOST,
    MERGED
  }

  static ArcNotice gained(Arc arc, long epoch) {
    return new ArcNotice(Kind.GAINED, arc, epoch, 0);
  }

  static ArcNotice lost(Arc arc, long epoch) {
    return new ArcNotice(Kind.LOST, arc, epoch, 0);
  }

  static ArcNotice merged(Arc arc, long epoch, long otherEpoch) {
    return new ArcNotice(Kind.MERGED, arc, epoch, otherEpoch);
  }

  /** What a service does about it, if anything. */
  Optional<ArcTurn> handler(ServiceDescriptor descriptor) {
    return switch (kind) {
      case GAINED -> descriptor.arcGained();
      case LOST -> descriptor.arcLost();
      case MERGED ->
          descriptor
              .merged()
              .map(
                  turn ->
                      (held, since, state, context) ->
                          turn.run(held, since, otherEpoch, state, context));
    };
  }

  /** What stands for it in the mailbox of a service: from this peer to itself, and empty. */
  Message message(PeerId self, String accessPoint) {
    return new Message(
        new Source.OfPeer(self),
        new Destination.OfPeer(self),
        accessPoint,
        Payload.of(null),
        Optional.empty());
  }
}
