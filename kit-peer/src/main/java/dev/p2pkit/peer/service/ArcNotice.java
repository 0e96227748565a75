// An arc that came or went, as a processor is told of it.
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
 * An arc that came or went.
 *
 * @param gained whether this peer owns it now
 * @param arc which keys
 * @param epoch since when, or until when, in the count of owners
 */
record ArcNotice(boolean gained, Arc arc, long epoch) {
  /** What a service does about it, if anything. */
  Optional<ArcTurn> handler(ServiceDescriptor descriptor) {
    return gained ? descriptor.arcGained() : descriptor.arcLost();
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
