// What a starting peer does about a network that is there or not.
package dev.p2pkit.peer;

/** How a peer becomes part of a network. */
public enum JoinMode {
  /** It is the first peer of a new network. */
  CREATE,
  /** It joins through one of its entry points and fails if none answers. */
  JOIN_ONLY,
  /** It joins through one of its entry points; if none answers, it creates a network. */
  CREATE_OR_JOIN,

  /**
   * Stay outside of the ring and observe it: this peer is responsible for nothing but its own id,
   * and everything it sends goes through the peer after it, which passes on what is sent to it.
   * When that one dies, the next takes its place. An observer gets no broadcasts and sends none.
   */
  OBSERVE
}
