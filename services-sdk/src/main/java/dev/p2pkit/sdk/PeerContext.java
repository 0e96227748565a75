// What a service may know of the peer it runs on.
package dev.p2pkit.sdk;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executor;
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

  /**
   * Threads for work beside the turns, in place of threads of the service's own, which would keep
   * its classes for ever. Up to 4 tasks run at a time and 1,024 wait, beyond that it throws {@link
   * java.util.concurrent.RejectedExecutionException}. When this version ends, by an upgrade too,
   * what runs is interrupted and what waits is forgotten: tell the outcome to the service itself,
   * by a message or the stage of an {@code onAsync} handler.
   */
  Executor executor();
}
