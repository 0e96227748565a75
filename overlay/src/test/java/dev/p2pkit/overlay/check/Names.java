// Peers by their letters, for readers of transcripts.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.machine.PeerRef;

/** Turns what machines print of peers and times into letters and seconds. */
final class Names {
  private Names() {}

  static String of(int peer) {
    return String.valueOf((char) ('a' + peer));
  }

  /** The letters of so many peers. */
  static String[] first(int count) {
    String[] names = new String[count];
    for (int i = 0; i < count; i++) {
      names[i] = of(i);
    }
    return names;
  }

  /** A text with letters for these peers, in the order of their places. */
  static String readable(String text, Iterable<PeerRef> peers) {
    String readable = text;
    int at = 0;
    for (PeerRef peer : peers) {
      readable =
          readable
              .replace(peer.toString(), of(at))
              .replace("PeerId[position=" + peer.id() + "]", of(at))
              .replace(peer.id().toString(), of(at))
              .replace(peer.id().shortText(), of(at));
      at++;
    }
    return Times.relative(readable);
  }
}
