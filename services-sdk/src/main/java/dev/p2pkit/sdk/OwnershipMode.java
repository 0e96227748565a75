// How careful a service is about having one owner per key.
package dev.p2pkit.sdk;

/** How careful a service is about having one owner per key. */
public enum OwnershipMode {
  /**
   * At any moment at most one peer serves a key, among all peers that can reach each other: who
   * does not hold the lease of the key hands messages back untouched. After a silent death the keys
   * of the dead peer wait until its lease has run out.
   */
  STRICT,

  /**
   * The peer that seems to be next serves as soon as the one before it is suspected. For a moment
   * two may serve the same key; the epoch tells which is later.
   */
  AVAILABLE
}
