// What a transport has done so far, in numbers.
package dev.p2pkit.overlay.transport;

import dev.p2pkit.overlay.machine.Channel;
import java.util.Map;

/**
 * What a transport has done since it was made.
 *
 * @param outgoing links to peers that are up and were dialled by this side
 * @param incoming links to peers that are up and were dialled by the other side
 * @param dialling links that are being opened
 * @param clients clients that are attached
 * @param sent frames and bytes written, per channel
 * @param received frames and bytes read, per channel
 * @param dropped how often what was dropped or refused, by reason
 */
public record LinkStatistics(
    int outgoing,
    int incoming,
    int dialling,
    int clients,
    Map<Channel, Traffic> sent,
    Map<Channel, Traffic> received,
    Map<Drop, Long> dropped) {
  /** Frames and their bytes, lengths included. */
  public record Traffic(long frames, long bytes) {}

  /** Why something was dropped or a link refused. */
  public enum Drop {
    /** A message, because its channel's bound was reached. */
    FULL,
    /** A message, because its frame would have been too large. */
    TOO_LARGE,
    /** A message, because the link it waited for failed or closed. */
    LINK_LOST,
    /** A frame of a type that nobody here reads. */
    UNKNOWN_TYPE,
    /** A link, because a frame on it could not be understood or was too large. */
    PROTOCOL_ERROR,
    /** A connection that was not TLS 1.3 with an Ed25519 certificate. */
    HANDSHAKE,
    /** A connection whose greeting did not come in time. */
    GREETING_TIMEOUT,
    /** A connection of another network, without proof, or with a wrong one. */
    NETWORK_MISMATCH,
    /** A connection that shares no version with this peer. */
    VERSION_SKEW,
    /**
     * A connection to or from another peer than expected, or a revoked one; or a word about another
     * process of this peer that this process has not said.
     */
    UNAUTHORISED,
    /** A connection, because a bound on their number was reached. */
    TOO_MANY,
    /** A connection, because its address has too many that have not greeted, or dials too often. */
    SOURCE,
    /** A link, because the other side did not answer pings. */
    PING_TIMEOUT
  }
}
