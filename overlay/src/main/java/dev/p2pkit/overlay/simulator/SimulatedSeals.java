// Signatures for simulations: cheap, and as hard to forge as the rules of a test.
package dev.p2pkit.overlay.simulator;

import com.google.common.hash.Hashing;
import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.sdk.PeerId;
import java.util.Arrays;

/**
 * Signs as one peer. The seal is a hash over the peer and the statement, so whoever has the object
 * of another peer could sign as that one: a simulated liar must not have it.
 */
public final class SimulatedSeals implements BroadcastSeals {
  private final PeerId self;

  /** Signs as this peer. */
  public SimulatedSeals(PeerId self) {
    this.self = self;
  }

  @Override
  public byte[] seal(byte[] statement) {
    return seal(self, statement);
  }

  @Override
  public boolean fits(PeerId origin, byte[] statement, byte[] seal) {
    return Arrays.equals(seal(origin, statement), seal);
  }

  private static byte[] seal(PeerId origin, byte[] statement) {
    return Hashing.sipHash24(origin.position().high(), origin.position().low())
        .hashBytes(statement)
        .asBytes();
  }
}
