// The copies of one call that relays have been given, and what they have said of them.
package dev.p2pkit.overlay.routing;

import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which relays still owe the word whether they have passed a call on. A copy is taken back only by
 * the first word of a relay that had one copy: of a relay that was given two it is not known which
 * of them a word is about.
 */
final class RelayedCopies {
  private final List<PeerId> given = new ArrayList<>(2);
  private final List<PeerId> silent = new ArrayList<>(2);

  /** A relay has been given a copy. */
  void give(PeerId relay) {
    if (given.contains(relay)) {
      silent.remove(relay);
    } else {
      given.add(relay);
      silent.add(relay);
    }
  }

  /** Whether a relay has had a copy. */
  boolean wasGiven(PeerId relay) {
    return given.contains(relay);
  }

  /** A relay has said what it did; true if that settles what became of its copy. */
  boolean said(PeerId relay) {
    return silent.remove(relay);
  }

  /** How many copies are with relays that may yet say that they have not passed them on. */
  int open() {
    return silent.size();
  }
}
