// The sectors outside of the arc, as one peer counts them.
package dev.p2pkit.overlay.ladder;

import dev.p2pkit.sdk.Key;

/**
 * Numbers the sectors of all rungs around one peer. Sectors are the same for all peers; which of
 * them belong to a rung depends on where the peer stands.
 */
public final class Sectors {
  private final Rungs rungs;
  private final Key self;
  private final int[] bases;

  /** The sectors of a peer at this position. */
  public Sectors(Rungs rungs, Key self) {
    this.rungs = rungs;
    this.self = self;
    bases = new int[rungs.rungs() + 1];
    for (int rung = 0; rung < rungs.rungs(); rung++) {
      bases[rung + 1] = bases[rung] + rungs.sectors(rung);
    }
  }

  /** How many there are. */
  public int count() {
    return bases[rungs.rungs()];
  }

  /** The number of the finest sector that holds a position; -1 if there are no sectors. */
  public int indexOf(Key position) {
    for (int rung = rungs.rungs() - 1; rung >= 0; rung--) {
      int bits = rungs.radiusBits(rung + 1);
      if (rung == 0) {
        return top(position, bits);
      }
      int reach = 1 << (bits - rungs.radiusBits(rung));
      int away = away(position, bits);
      if (away >= -reach && away <= reach) {
        return bases[rung] + away + reach;
      }
    }
    return -1;
  }

  /** How many sectors a position is away, clockwise, from that of this peer. */
  private int away(Key position, int bits) {
    int difference = top(position, bits) - top(self, bits) & (1 << bits) - 1;
    return difference >= 1 << (bits - 1) ? difference - (1 << bits) : difference;
  }

  private static int top(Key position, int bits) {
    return bits == 0 ? 0 : (int) (position.high() >>> (Long.SIZE - bits));
  }

  /** The rung of a sector. */
  public int rungOf(int index) {
    int rung = 0;
    while (index >= bases[rung + 1]) {
      rung++;
    }
    return rung;
  }

  /** The first sector of a rung. */
  public int firstOf(int rung) {
    return bases[rung];
  }

  /** Where a sector begins. */
  public Key start(int index) {
    int rung = rungOf(index);
    int bits = rungs.radiusBits(rung + 1);
    int sector = index;
    if (rung > 0) {
      int reach = 1 << (bits - rungs.radiusBits(rung));
      sector = top(self, bits) + (index - bases[rung] - reach) & (1 << bits) - 1;
    }
    return bits == 0 ? Key.ZERO : new Key((long) sector << (Long.SIZE - bits), 0);
  }

  /** A sector's width is 2 to the minus this of the ring. */
  public int bits(int index) {
    return rungs.radiusBits(rungOf(index) + 1);
  }

  /**
   * Whether contacts in it are of use: what lies in this peer's own sector of a rung is held by the
   * rung below or by the arc.
   */
  public boolean wanted(int index) {
    return away(start(index), bits(index)) != 0;
  }
}
