// What an identity costs to make: the count of zero bits, and identities that are searched for.
package dev.p2pkit.overlay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdPuzzleTest {
  @TempDir Path directory;

  @Test
  void solvedBitsAreTheLeadingZerosOfTheHashOfTheHash() {
    for (int i = 0; i < 2_000; i++) {
      byte[] key = Hashing.sha256().hashInt(i).asBytes();
      byte[] twice =
          Hashing.sha256().hashBytes(Hashing.sha256().hashBytes(key).asBytes()).asBytes();
      StringBuilder bits = new StringBuilder();
      for (byte b : twice) {
        bits.append(Integer.toBinaryString((b & 0xFF) | 0x100).substring(1));
      }
      assertThat(IdPuzzle.solvedBits(key)).isEqualTo(bits.indexOf("1"));
    }
  }

  @Test
  void aNewIdentitySolvesThePuzzleAndAnOldOneIsTakenAsItIs() {
    Path solved = directory.resolve("solved");
    List<Long> progress = new ArrayList<>();
    try (DataDirectory data = DataDirectory.open(solved, 6, progress::add)) {
      assertThat(IdPuzzle.solvedBits(data.identity().rawPublicKey())).isGreaterThanOrEqualTo(6);
    }
    byte[] before;
    try (DataDirectory data = DataDirectory.open(solved)) {
      before = data.identity().rawPublicKey();
    }
    try (DataDirectory data = DataDirectory.open(solved, 24, progress::add)) {
      assertThat(data.identity().rawPublicKey()).isEqualTo(before);
    }
  }

  @Test
  void aPuzzleHasOneToTwentyFourBits() {
    assertThatThrownBy(() -> new Membership.Puzzle(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Membership.Puzzle(25))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 the Internet");
  }
}
