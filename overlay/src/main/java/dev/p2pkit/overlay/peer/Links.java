// The transport of an overlay, from when it listens.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.transport.Transport;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where machines and data plane hand over their frames: the machines exist before the port is
 * bound, and until then nothing leaves. Thread-safe.
 */
final class Links {
  private volatile @Nullable Transport transport;

  /** From now on frames go out. */
  void opened(Transport opened) {
    transport = opened;
  }

  /** Hands a frame over; false if it was dropped, which the transport has counted. */
  boolean send(PeerRef to, WireMessage message) {
    Transport present = transport;
    return present != null && present.send(to, message).accepted();
  }

  /** Closes the link to a peer after what is queued has been written. */
  void close(PeerRef peer) {
    Transport present = transport;
    if (present != null) {
      present.close(peer.id());
    }
  }

  /** The transport, if it has been opened. */
  Optional<Transport> opened() {
    return Optional.ofNullable(transport);
  }

  /**
   * The transport.
   *
   * @throws IllegalStateException before it has been opened
   */
  Transport transport() {
    return opened()
        .orElseThrow(() -> new IllegalStateException("this overlay does not listen yet"));
  }
}
