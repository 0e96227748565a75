// What a service may know of the peer it runs on.
package dev.p2pkit.sdk;

import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;

/** The peer a service runs on, as the service sees it. Thread-safe. */
public interface PeerContext {
  /** The peer. */
  PeerId peerId();

  /** The service's name. */
  String service();

  /** The service's instance. */
  String instance();

  /** The epoch of the version that this maker belongs to. */
  long epoch();

  /**
   * A directory of this service's own on this peer, made at the first call; it survives upgrades.
   */
  Path directory();

  /** What the operator says of the peer, see {@link PeerInfo#labels}. */
  Map<String, String> labels();

  /** The service's log. */
  Logger logger();
}
