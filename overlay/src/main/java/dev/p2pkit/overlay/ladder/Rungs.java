// The shape of a routing table: how many levels, and how far each of them reaches.
package dev.p2pkit.overlay.ladder;

/**
 * The shape of a routing table of h levels with the radii R_0 = the whole ring, R_1, … R_(h-1) = A,
 * each a power of two of the ring: everybody within A is known, and for each j below h - 1 some
 * contacts in every sector of width R_(j+1) within R_j. A message jumps to a contact in the key's
 * sector of the finest rung that reaches there, so each hop goes one rung down: at most h hops.
 *
 * @param level 1 to 4; 1 is everybody
 * @param arcBits A is 2^-arcBits of the ring to each side; 0 with level 1
 */
public record Rungs(int level, int arcBits) {
  /** The most levels. */
  public static final int MOST_LEVELS = 4;

  /** The widest arc is half of the ring. */
  public static final int LEAST_ARC_BITS = 2;

  /** The narrowest arc: enough for a thousand million peers. */
  public static final int MOST_ARC_BITS = 24;

  /** A table has no more sectors than this. */
  public static final int MOST_SECTORS = 1 << 15;

  /** Everybody. */
  public static final Rungs FULL = new Rungs(1, 0);

  public Rungs {
    if (level < 1 || level > MOST_LEVELS) {
      throw new IllegalArgumentException("a table has 1 to 4 levels, not " + level);
    }
    if (level == 1 ? arcBits != 0 : arcBits < LEAST_ARC_BITS || arcBits > MOST_ARC_BITS) {
      throw new IllegalArgumentException(
          "an arc of 2^-" + arcBits + " of the ring does not go with level " + level);
    }
    if (sectors(level, arcBits) > MOST_SECTORS) {
      throw new IllegalArgumentException(
          "an arc of 2^-" + arcBits + " of the ring needs more than " + level + " levels");
    }
  }

  /** Whether it holds everybody. */
  public boolean full() {
    return level == 1;
  }

  /** How many rungs of contacts there are. */
  public int rungs() {
    return level - 1;
  }

  /** R_j is 2 to the minus this of the ring. */
  public int radiusBits(int rung) {
    return radiusBits(level, arcBits, rung);
  }

  private static int radiusBits(int level, int arcBits, int rung) {
    return level == 1 ? 0 : (rung * arcBits + (level - 1) / 2) / (level - 1);
  }

  /** How many sectors all rungs have together. */
  public int sectors() {
    return (int) sectors(level, arcBits);
  }

  static long sectors(int level, int arcBits) {
    long all = 0;
    for (int rung = 0; rung < level - 1; rung++) {
      all += sectors(level, arcBits, rung);
    }
    return all;
  }

  private static long sectors(int level, int arcBits, int rung) {
    int width = radiusBits(level, arcBits, rung + 1);
    return rung == 0 ? 1L << width : 2 * (1L << (width - radiusBits(level, arcBits, rung))) + 1;
  }

  /** How many sectors one rung has. */
  public int sectors(int rung) {
    return (int) sectors(level, arcBits, rung);
  }
}
