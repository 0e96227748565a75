// What the transport tells its owner.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.sdk.ErrorCode;

/**
 * What the transport tells its owner. Called on event loops, so nothing here may block. For one
 * link the calls come in order and never two at once: UP, its messages, DOWN; different links call
 * at the same time from different event loops.
 */
public interface TransportListener {
  /** A message from a peer; per link and channel in the order in which it was sent. */
  void onMessage(PeerRef from, WireMessage message);

  /**
   * What happened to the link to a peer. After any event but UP, everything that was handed over
   * before and has not been written is dropped and will not be sent by a later link.
   *
   * <p>REFUSED is proof that the process {@code peer} is dead: a process that holds the same lock
   * ({@link TransportConfig#lock}) was started later, or the host says that nobody listens at the
   * very address where this process said, on a link to this peer, that it listens itself. A refusal
   * by anybody else (behind a port forward, at an outdated address) is UNREACHABLE.
   */
  void onLink(PeerRef peer, LinkEvent event);

  /**
   * A dial to the peer had to wait in this process for a quarter of a second or more before it
   * began. What was not answered meanwhile was not sent.
   */
  default void onDialDelayed(PeerRef peer) {}

  /**
   * Another live process has this peer's identity, as its signature proves.
   *
   * @param other where that process can be dialled
   * @param stays whether this process, being the later one, is the one that stays
   */
  default void onRival(Endpoint other, boolean stays) {}

  /** Whether a thin client may attach; by default none may. */
  default ClientAdmission admitClient(ClientGreeting greeting) {
    return ClientAdmission.refuse(
        ErrorCode.UNAUTHORISED, "this peer does not serve clients; use the ticket of another peer");
  }

  /** A client has attached. */
  default void onClientUp(ClientLink link) {}

  /** A message from a client. */
  default void onClientMessage(ClientLink link, WireMessage message) {}

  /** A client's link has closed; nothing follows on it. */
  default void onClientDown(ClientLink link, String reason) {}
}
