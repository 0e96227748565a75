// One peer in a rollout, as the installing peer sees it.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import java.util.Optional;

/** How far a peer has come. */
final class RolloutMember {
  final PeerRef peer;
  State state = State.WAITING;

  /** How often it was asked. */
  int tries;

  /** Why it refused. */
  ErrorCode code = ErrorCode.TIMEOUT;

  String detail = "";

  /** What it runs, once it has reported. */
  ServiceStatus.OnPeer report;

  RolloutMember(PeerRef peer) {
    this.peer = peer;
    this.report = idle(ServiceStatus.Phase.FETCHING, "");
  }

  /** The steps of a peer. */
  enum State {
    WAITING,
    ASKED,
    ACCEPTED,
    PREPARED,
    REFUSED,
    REPORTED,
    MISSING
  }

  private ServiceStatus.OnPeer idle(ServiceStatus.Phase phase, String why) {
    return new ServiceStatus.OnPeer(peer.id(), phase, 0, "", "", 0, why, 0);
  }

  /** Its line in the report; empty if it is missing. */
  Optional<ServiceStatus.OnPeer> onPeer() {
    return switch (state) {
      case REPORTED -> Optional.of(report);
      case REFUSED -> Optional.of(idle(ServiceStatus.Phase.FAILED, code + ": " + detail));
      default -> Optional.empty();
    };
  }
}
