// The sectors of a table cover the ring, each position once, the finer the nearer.
package dev.p2pkit.overlay.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.Key;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SectorsTest {
  @Property
  void aPositionLiesInTheSectorThatItIsCountedTo(
      @ForAll @IntRange(min = 2, max = 4) int level,
      @ForAll @IntRange(min = 4, max = 12) int arcBits,
      @ForAll long self,
      @ForAll long position) {
    Sectors sectors = new Sectors(new Rungs(level, arcBits), new Key(self, 1));
    int index = sectors.indexOf(new Key(position, 7));
    assertThat(index).isBetween(0, sectors.count() - 1);
    Key start = sectors.start(index);
    assertThat((position - start.high()) >>> (Long.SIZE - sectors.bits(index))).isZero();
  }

  @Property
  void aContactInTheSectorOfAKeyIsWithinTheNextRadius(
      @ForAll @IntRange(min = 2, max = 4) int level,
      @ForAll @IntRange(min = 4, max = 12) int arcBits,
      @ForAll long self,
      @ForAll long position) {
    Rungs rungs = new Rungs(level, arcBits);
    Sectors sectors = new Sectors(rungs, new Key(self, 1));
    int index = sectors.indexOf(new Key(position, 7));
    assertThat(sectors.bits(index)).isEqualTo(rungs.radiusBits(sectors.rungOf(index) + 1));
    // Who is that near has a contact or an arc one rung finer there.
    Sectors theirs = new Sectors(rungs, sectors.start(index));
    int next = theirs.indexOf(new Key(position, 7));
    boolean finest = sectors.rungOf(index) == rungs.rungs() - 1;
    assertThat(finest || theirs.rungOf(next) > sectors.rungOf(index)).isTrue();
  }

  @Test
  void theRadiiGoDownInEvenSteps() {
    Rungs rungs = new Rungs(4, 12);
    assertThat(rungs.radiusBits(0)).isZero();
    assertThat(rungs.radiusBits(1)).isEqualTo(4);
    assertThat(rungs.radiusBits(2)).isEqualTo(8);
    assertThat(rungs.radiusBits(3)).isEqualTo(12);
  }

  @Test
  void shapesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new Rungs(2, 24)).hasMessageContaining("more than 2 levels");
    assertThatThrownBy(() -> new Rungs(1, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Rungs(5, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Rungs(3, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
