// The numbers of checked worlds.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.ring.RingConfig;

/** Small rings with short lists. */
final class Worlds {
  private Worlds() {}

  /** Without the full mesh, lists of two: the bare rules. */
  static Rules bare(int founders, int newcomers) {
    return Rules.of(RingConfig.DEFAULT.withLists(2, 2, 0), founders, newcomers);
  }

  /** With the full mesh, as small rings are used. */
  static Rules meshed(int founders, int newcomers) {
    return Rules.of(RingConfig.DEFAULT.withLists(2, 2, 8), founders, newcomers);
  }
}
