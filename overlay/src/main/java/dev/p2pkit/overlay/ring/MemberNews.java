// What is said of a member: alive, left or failed, and how new that is.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.sdk.PeerId;

/**
 * What is said of a member. Of two pieces of news the one with the greater incarnation is right,
 * then the one with the greater refutation, then the bad one.
 *
 * @param kind what is said
 * @param ref of whom, with the incarnation of its process
 * @param refutation how often that process has contradicted news of its death
 */
record MemberNews(Kind kind, PeerRef ref, int refutation) {
  /** What is said. */
  enum Kind {
    ALIVE,
    LEFT,
    FAILED
  }

  static MemberNews alive(PeerRef ref, int refutation) {
    return new MemberNews(Kind.ALIVE, ref, refutation);
  }

  PeerId id() {
    return ref.id();
  }

  /** The order of incarnation and refutation alone. */
  int compareAge(long incarnation, int otherRefutation) {
    int order = Long.compare(ref.incarnation(), incarnation);
    return order != 0 ? order : Integer.compare(refutation, otherRefutation);
  }
}
