// The settings of a peer's overlay.
package dev.p2pkit.overlay.peer;

import dev.p2pkit.overlay.ring.RingConfig;
import dev.p2pkit.overlay.routing.RouterConfig;
import dev.p2pkit.overlay.transport.TransportConfig;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The settings of a peer's overlay, one record for each part.
 *
 * @param transport address, network, trust, bounds of links
 * @param ring heartbeats, lists, time-outs
 * @param router bounds and delays of the data plane
 * @param observer whether it stays outside of the ring, responsible for nothing but its own id
 */
public record OverlayConfig(
    TransportConfig transport, RingConfig ring, RouterConfig router, boolean observer) {
  /** Tells the transport the length of a lease, on which the two sides of a link must agree. */
  public OverlayConfig {
    transport = transport.withLease(Duration.of(ring.lease().length(), ChronoUnit.MICROS));
  }

  /** The defaults of all parts. */
  public static OverlayConfig defaults() {
    return new OverlayConfig(
        TransportConfig.defaults(), RingConfig.DEFAULT, RouterConfig.DEFAULT, false);
  }

  /** The same with another transport. */
  public OverlayConfig withTransport(TransportConfig other) {
    return new OverlayConfig(other, ring, router, observer);
  }

  /** The same with another ring. */
  public OverlayConfig withRing(RingConfig other) {
    return new OverlayConfig(transport, other, router, observer);
  }

  /** The same with another router. */
  public OverlayConfig withRouter(RouterConfig other) {
    return new OverlayConfig(transport, ring, other, observer);
  }

  /** The same for a peer outside of the ring: all it sends goes through the peer after it. */
  public OverlayConfig observing() {
    return new OverlayConfig(transport, ring, router.withoutArcs(), true);
  }

  /** The router's settings with bodies no larger than a frame holds beside its header. */
  RouterConfig fittingRouter() {
    int room = transport.limits().frameBytes() - RouterConfig.HEADER_BYTES;
    return router.maxBody() <= room ? router : router.withMaxBody(room);
  }
}
