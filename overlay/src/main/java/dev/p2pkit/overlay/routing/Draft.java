// A message as the sender hands it over.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * A message to be sent. The arrays must not be written to afterwards.
 *
 * @param byKey whether {@code target} is a key; else it is the position of a peer
 * @param target the key, or the peer's position
 * @param accessPoint where it is to arrive, 1 to 255 characters
 * @param flags {@link Envelope#RPC} and so on
 * @param serviceEpoch the epoch of the service that the sender knows, 0 if none
 * @param trace a trace context of 24 bytes, or nothing
 * @param replyTo where replies go, if not to this call
 * @param body the payload
 * @param lifeMicros how long the call may last, in microseconds, 1 ms to 10 minutes
 * @param only the one process that may get it, straight over its link; it has proved to own the
 *     target. When it refuses, or is gone, the call ends. Empty for whoever owns the target
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copies would cost
public record Draft(
    boolean byKey,
    Key target,
    String accessPoint,
    int flags,
    long serviceEpoch,
    byte[] trace,
    Optional<Address> replyTo,
    byte[] body,
    long lifeMicros,
    Optional<PeerRef> only) {
  private static final byte[] NONE = new byte[0];
  private static final long SHORTEST = 1_000;
  private static final long LONGEST = 600_000_000;

  /** Checks the ranges. */
  public Draft {
    if (accessPoint.isEmpty() || accessPoint.length() > Address.MAX_ACCESS_POINT) {
      throw new IllegalArgumentException(
          "an access point has 1 to 255 characters, not " + accessPoint.length());
    }
    if (trace.length != 0 && trace.length != Envelope.TRACE_BYTES) {
      throw new IllegalArgumentException("a trace context has 24 bytes, not " + trace.length);
    }
    if (lifeMicros < SHORTEST || lifeMicros > LONGEST) {
      throw new IllegalArgumentException(
          "a call lasts between 1 ms and 10 minutes, not " + lifeMicros + " µs");
    }
  }

  /** A message for whoever owns its target. */
  public Draft(
      boolean byKey,
      Key target,
      String accessPoint,
      int flags,
      long serviceEpoch,
      byte[] trace,
      Optional<Address> replyTo,
      byte[] body,
      long lifeMicros) {
    this(
        byKey,
        target,
        accessPoint,
        flags,
        serviceEpoch,
        trace,
        replyTo,
        body,
        lifeMicros,
        Optional.empty());
  }

  /** The same for one process alone, within another time. */
  public Draft only(PeerRef owner, long life) {
    return new Draft(
        byKey,
        target,
        accessPoint,
        flags,
        serviceEpoch,
        trace,
        replyTo,
        body,
        life,
        Optional.of(owner));
  }

  /** Whether whoever owns its target next may process it again. */
  boolean mayRepeat() {
    return (flags & Envelope.REPEATABLE) != 0 && only.isEmpty();
  }

  /** A message to the owner of a key. */
  public static Draft toKey(Key key, String accessPoint, int flags, byte[] body, long lifeMicros) {
    return new Draft(true, key, accessPoint, flags, 0, NONE, Optional.empty(), body, lifeMicros);
  }

  /** A message to a peer. */
  public static Draft toPeer(
      PeerId peer, String accessPoint, int flags, byte[] body, long lifeMicros) {
    return new Draft(
        false, peer.position(), accessPoint, flags, 0, NONE, Optional.empty(), body, lifeMicros);
  }
}
