// The entry point of a service archive.
package dev.p2pkit.sdk;

/**
 * The entry point of a service: the class that {@code service.json} names. It has a public
 * constructor without arguments and is called once on each peer at install and at each upgrade.
 */
@FunctionalInterface
public interface ServiceMaker {
  /**
   * Describes the service for this peer.
   *
   * @throws Exception if the service cannot run here; the install then fails with {@link
   *     ErrorCode#BAD_ARCHIVE}
   */
  ServiceDescriptor make(PeerContext peer) throws Exception;
}
