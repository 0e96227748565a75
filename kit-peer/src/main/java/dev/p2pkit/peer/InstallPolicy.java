// Whose code a peer runs.
package dev.p2pkit.peer;

/** Whose services a peer accepts. */
public enum InstallPolicy {
  /** Nobody's. */
  DENY,
  /** Those whose owner key is on the peer's trust list. */
  TRUSTED,
  /** Everybody's; only for development, and refused on any address but loopback. */
  ANY
}
