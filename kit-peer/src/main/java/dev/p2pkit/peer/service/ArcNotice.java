// An arc that came or went, as a processor is told of it.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.Arc;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceDescriptor.ArcTurn;
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
}
