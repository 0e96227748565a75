// Keys: arithmetic on the ring, against big integers and against every case of a small ring.
package dev.p2pkit.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {
  private static final BigInteger RING = BigInteger.ONE.shiftLeft(128);

  private static BigInteger number(Key key) {
    return new BigInteger(1, key.toBytes());
  }

  @Property
  void arithmeticIsThatOfNumbersModuloTheRing(
      @ForAll long a, @ForAll long b, @ForAll long c, @ForAll long d) {
    Key one = new Key(a, b);
    Key other = new Key(c, d);

    assertThat(number(one.plus(other))).isEqualTo(number(one).add(number(other)).mod(RING));
    assertThat(number(one.distanceTo(other)))
        .isEqualTo(number(other).subtract(number(one)).mod(RING));
    assertThat(one.plus(one.distanceTo(other))).isEqualTo(other);
    assertThat(Integer.signum(one.compareTo(other)))
        .isEqualTo(number(one).compareTo(number(other)));
    assertThat(Key.of(one.toBytes())).isEqualTo(one);
    assertThat(Key.parse(one.toString())).isEqualTo(one);
  }

  @Property
  void carriesAndBorrowsCrossTheMiddle(@ForAll long high) {
    Key last = new Key(high, -1);
    assertThat(last.plus(Key.of(1))).isEqualTo(new Key(high + 1, 0));
    assertThat(new Key(high + 1, 0).distanceTo(last)).isEqualTo(new Key(-1, -1));
  }

  /** Eight places, spread so that the sign bits of both halves take part. */
  private static Key place(int number) {
    return new Key((long) number << 61, (long) (7 - number) << 61);
  }

  @Test
  void anArcHoldsWhatAWalkAlongItMeets() {
    int ring = 8;
    for (int after = 0; after < ring; after++) {
      for (int upTo = 0; upTo < ring; upTo++) {
        boolean[] met = new boolean[ring];
        int at = after;
        do {
          at = (at + 1) % ring;
          met[at] = true;
        } while (at != upTo);
        for (int key = 0; key < ring; key++) {
          assertThat(place(key).isIn(place(after), place(upTo)))
              .as("%d in (%d, %d]", key, after, upTo)
              .isEqualTo(met[key]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdeg",
        "+123456789abcdef0123456789abcdef"
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> Key.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 hexadecimal digits");
  }

  @Test
  void anErrorShowsForeignTextShortAndOnOneLine() {
    assertThatThrownBy(() -> Key.parse("x\n\u001b[31m" + "y".repeat(1_000)))
        .satisfies(
            e -> assertThat(e.getMessage()).hasSizeLessThan(200).doesNotContain("\n", "\u001b"));
  }

  @Test
  void otherNumbersAndLengthsAreRefused() {
    assertThatThrownBy(() -> Key.of(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Key.of(new byte[15])).isInstanceOf(IllegalArgumentException.class);
    assertThat(Key.of(Long.MAX_VALUE).low()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theMd5OfTheSeedIsThatOfTheRfc() {
    // RFC 1321, A.5, over the canonical bytes of a string: tag and length, then the text.
    assertThat(Key.md5("alice")).hasToString("29c2a75714df1b9fc52d2deea9425ca9");
    assertThat(Key.hash("alice")).hasToString("d0108a378da19f749862da459d7dd212");
  }
}
