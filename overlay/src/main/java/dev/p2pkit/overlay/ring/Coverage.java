// Of which part of the ring a table holds every peer.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.sdk.Key;

/**
 * The part of the ring of which a table holds every peer: some neighbouring ones of the 2^bits
 * equal blocks into which the ring is divided. Blocks are the same for all peers, so two tables can
 * be compared block by block.
 *
 * @param bits 2 to the power of this is the number of blocks of the whole ring
 * @param first the first block that is covered
 * @param count how many blocks are, from there, clockwise
 */
record Coverage(int bits, int first, int count) {
  /** How many blocks the radius of an arc has. */
  private static final int BLOCKS_IN_RADIUS = 8;

  private static final int BITS_IN_RADIUS = 3;

  private static final int BITS_OF_EVERYTHING = 8;

  /** The most blocks that any table covers. */
  static final int MOST_BLOCKS = 1 << BITS_OF_EVERYTHING;

  /** The smallest blocks, as a power of two of how many the ring has. */
  static final int MOST_BITS = 27;

  /** The narrowest arc. */
  static final int MOST_ARC_BITS = 24;

  /** The widest arc that is not the whole ring. */
  static final int LEAST_ARC_BITS = 2;

  /** The whole ring. */
  static final Coverage EVERYTHING = new Coverage(BITS_OF_EVERYTHING, 0, 1 << BITS_OF_EVERYTHING);

  /**
   * The blocks within 2^-arcBits of the ring around a position, both ways, rounded up to whole
   * blocks.
   */
  static Coverage around(Key position, int arcBits) {
    if (arcBits < LEAST_ARC_BITS) {
      return EVERYTHING;
    }
    int bits = Math.min(arcBits, MOST_ARC_BITS) + BITS_IN_RADIUS;
    int here = blockOf(position, bits);
    return new Coverage(bits, here - BLOCKS_IN_RADIUS & (1 << bits) - 1, 2 * BLOCKS_IN_RADIUS + 1);
  }

  static int blockOf(Key position, int bits) {
    return (int) (position.high() >>> (Long.SIZE - bits));
  }

  boolean complete() {
    return count == 1 << bits;
  }

  /** Which of the covered blocks holds a position; -1 if none does. */
  int placeOf(Key position) {
    return placeOfBlock(blockOf(position, bits));
  }

  /** Which of the covered blocks a block is; -1 if it is none. */
  int placeOfBlock(int block) {
    int place = block - first & (1 << bits) - 1;
    return place < count ? place : -1;
  }

  boolean covers(Key position) {
    return placeOf(position) >= 0;
  }

  /** The block at a place among the covered ones. */
  int blockAt(int place) {
    return first + place & (1 << bits) - 1;
  }

  /** Where a block begins. */
  static Key startOf(int block, int bits) {
    return new Key((long) block << (Long.SIZE - bits), 0);
  }

  /** Whether all that another one covers is covered. */
  boolean contains(Coverage other) {
    if (complete()) {
      return true;
    }
    if (other.bits < bits || other.complete()) {
      return false;
    }
    for (int place = 0; place < other.count; place++) {
      if (!covers(startOf(other.blockAt(place), other.bits))) {
        return false;
      }
    }
    return true;
  }

  /** Where the part begins that is not covered any more. */
  Key end() {
    return startOf(blockAt(count), bits);
  }

  /** Where the covered part begins. */
  Key start() {
    return startOf(first, bits);
  }
}
