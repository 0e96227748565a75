// The seals of broadcasts: whoever changes one byte, or is another peer, is found out.
package dev.p2pkit.overlay.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.overlay.broadcast.BroadcastSeals;
import dev.p2pkit.overlay.transport.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IdentitySealsTest {
  private final Identity identity = Identity.ephemeral();
  private final Identity other = Identity.ephemeral();
  private final IdentitySeals seals = new IdentitySeals(identity);
  private final byte[] statement = "what was said".getBytes(StandardCharsets.UTF_8);

  @Test
  void aSealFitsItsPeerAndItsStatementOnly() {
    byte[] seal = seals.seal(statement);
    IdentitySeals stranger = new IdentitySeals(other);

    assertThat(seal.length).isLessThanOrEqualTo(BroadcastSeals.MAX_BYTES);
    assertThat(stranger.fits(identity.id(), statement, seal)).isTrue();
    assertThat(stranger.fits(other.id(), statement, seal)).isFalse();
    assertThat(stranger.fits(identity.id(), statement, stranger.seal(statement))).isFalse();
    assertThat(stranger.fits(identity.id(), Arrays.copyOf(statement, 5), seal)).isFalse();
    assertThat(stranger.fits(identity.id(), statement, new byte[0])).isFalse();
    for (int i = 0; i < seal.length; i++) {
      byte[] changed = seal.clone();
      changed[i] ^= 1;
      assertThat(stranger.fits(identity.id(), statement, changed)).as("byte %d", i).isFalse();
    }
  }
}
