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
 * @param dialled handshakes of this side's dials, of all transports of the Vert.x together
 * @param accepted handshakes with those who dialled, likewise; without TLS there are none
 * @param dropped how often what was dropped or refused, by reason
 */
public record LinkStatistics(
    int outgoing,
    int incoming,
    int dialling,
    int clients,
    Map<Channel, Traffic> sent,
    Map<Channel, Traffic> received,
    Handshakes dialled,
    Handshakes accepted,
    Map<Drop, Long> dropped) {
  /** Frames and their bytes, lengths included. */
  public record Traffic(long frames, long bytes) {}

  /**
   * Handshakes of one direction.
   *
   * @param running that have begun within the last two seconds and are not over
   * @param most of these at the same time, so far
   * @param waiting that wait for one of these to end
   * @param waited how many had to wait, so far
   * @param refused how many could not even wait, because too many did
   */
  public record Handshakes(int running, int most, int waiting, long waited, long refused) {}

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
    /** A connection, because a bound on their number was reached, or on that of handshakes. */
    TOO_MANY,
    /** A dial, because more handshakes wait in this process than may. */
    BUSY,
    /** A connection, because its address has too many that have not greeted, or dials too often. */
    SOURCE,
    /** A link, because the other side did not answer pings. */
    PING_TIMEOUT
  }
}
