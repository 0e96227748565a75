// What ring neighbours tell each other about their tables, with every heartbeat.
package dev.p2pkit.overlay.ring;

import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;

/**
 * What a peer's table covers and contains, in 13 bytes.
 *
 * @param level 1 to 4: how many hops a message needs at most
 * @param arcBits everybody within 2^-arcBits of the ring is in it; 0 for the whole ring
 * @param peers how many peers the sender believes there are
 * @param hash the exclusive or of the hashes of all members in it
 */
record TableNotice(int level, int arcBits, int peers, long hash) {
  /** The most levels a table can have. */
  static final int MOST_LEVELS = 4;

  private static final int BITS_FOR_ARC = 5;

  void write(WireWriter out) {
    out.u8(level << BITS_FOR_ARC | arcBits).i32(peers).i64(hash);
  }

  static TableNotice read(WireReader in) {
    int shape = in.u8();
    int level = shape >>> BITS_FOR_ARC;
    int arcBits = shape & (1 << BITS_FOR_ARC) - 1;
    int peers = in.i32();
    if (level < 1 || level > MOST_LEVELS || arcBits > Coverage.MOST_ARC_BITS || peers < 1) {
      throw new WireException(
          "no table has level " + level + ", an arc of 2^-" + arcBits + " and " + peers + " peers");
    }
    return new TableNotice(level, arcBits, peers, in.i64());
  }
}
