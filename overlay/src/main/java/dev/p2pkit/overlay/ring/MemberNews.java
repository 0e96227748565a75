// What is said of a member: alive, left or failed, and how new that is.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.Endpoint;
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
record MemberNews(Kind kind, PeerRef ref, long refutation) {
  /** Stands for the address of somebody who is gone. */
  static final Endpoint NOWHERE = new Endpoint("0.0.0.0", 1);

  /** What is said. */
  enum Kind {
    ALIVE,
    LEFT,
    FAILED
  }

  static MemberNews alive(PeerRef ref, long refutation) {
    return new MemberNews(Kind.ALIVE, ref, refutation);
  }

  /** The same without what is not needed to know: where somebody was who is gone. */
  MemberNews inShort() {
    return kind == Kind.ALIVE || ref.endpoint().equals(NOWHERE)
        ? this
        : new MemberNews(kind, new PeerRef(ref.id(), NOWHERE, ref.incarnation()), refutation);
  }

  PeerId id() {
    return ref.id();
  }

  /** The order of incarnation and refutation alone. */
  int compareAge(long incarnation, long otherRefutation) {
    int order = Long.compare(ref.incarnation(), incarnation);
    return order != 0 ? order : Long.compare(refutation, otherRefutation);
  }
}
