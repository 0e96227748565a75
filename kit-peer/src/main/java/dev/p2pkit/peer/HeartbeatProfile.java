// How fast a network notices that a peer is silent.
package dev.p2pkit.peer;

/**
 * How often neighbours look after each other, and how long a lease on keys runs. All peers of a
 * network use the same: who grants a lease waits for its own length of it before the keys pass on,
 * so between two lengths a key could have two owners. Peers of different profiles refuse each other
 * with {@link dev.p2pkit.sdk.ErrorCode#NETWORK_MISMATCH}.
 */
public enum HeartbeatProfile {
  /** A heartbeat a second, leases of 4 s: for any network. */
  DEFAULT,
  /**
   * Four heartbeats a second, leases of 1.25 s: keys of a silent peer are served again sooner, for
   * more messages when idle, and a peer that is stopped for a second loses its keys. For networks
   * whose round trips take a few milliseconds.
   */
  FAST
}
