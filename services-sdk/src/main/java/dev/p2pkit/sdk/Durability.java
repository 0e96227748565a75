// How much of a service's state outlives the process of its peer.
package dev.p2pkit.sdk;

/** What a peer keeps on its disk of the state of a service. */
public enum Durability {
  /** Nothing: the state is lost when the peer's process ends. */
  NONE,
  /**
   * The state of a moment ago: it is written now and then, and when the peer stops or the service
   * is upgraded. A process that dies loses what came after, also what was acknowledged.
   */
  SNAPSHOT,
  /** Every turn: it is acknowledged, and what it sends leaves, when its effect is on the disk. */
  JOURNAL
}
