// A grant with the grantor's signature.
package dev.p2pkit.overlay.proof;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.Key;

/**
 * A grant as it travels.
 *
 * @param seal the grantor's signature, with its public key
 * @param credential by which the grantor is known to be a member of the network; empty where
 *     members need none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SignedGrant(Grant grant, byte[] seal, byte[] credential) {
  private static final int MAGIC = 0x50324B4F; // "P2KO"
  private static final int VERSION = 1;

  /** What the owner of a key signs: that it serves the key by this grant. */
  byte[] statement(Key key) {
    return new WireWriter(512)
        .i32(MAGIC)
        .u8(VERSION)
        .key(key)
        .bytes(grant.statement())
        .bytes(seal)
        .toBytes();
  }

  void write(WireWriter out) {
    grant.write(out);
    out.bytes(seal).bytes(credential);
  }

  static SignedGrant read(WireReader in) {
    return new SignedGrant(
        Grant.read(in), in.bytes(BroadcastSeals.MAX_BYTES), in.bytes(Credentials.MOST_BYTES));
  }
}
