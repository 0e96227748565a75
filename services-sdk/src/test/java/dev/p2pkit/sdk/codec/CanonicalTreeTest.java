// The canonical encoding: the vectors of docs/formats.md, equal values, and equal keys in every
// JVM.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.Key;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CanonicalTreeTest {
  enum Colour {
    RED
  }

  record Point(int x, long y) {}

  record Named(String name, Map<String, Set<Point>> places, Optional<Colour> colour) {}

  @Test
  void theVectorsInTheDocumentationHold() throws IOException {
    Path formats = Path.of("..", "docs", "formats.md");
    List<String[]> rows =
        Files.readAllLines(formats).stream()
            .dropWhile(line -> !line.startsWith("## Canonical TREE"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## "))
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.split("\\|", -1))
            .filter(cells -> cells.length == 6)
            .toList();

    assertThat(rows).hasSizeGreaterThan(20);
    for (String[] cells : rows) {
      Object value = Notation.read(unquoted(cells[1]));
      String encoded = HexFormat.of().formatHex(CanonicalTree.encode(value));
      assertThat(encoded).as(cells[1]).isEqualTo(unquoted(cells[2]));
      assertThat(Key.hash(value)).as(cells[1]).hasToString(unquoted(cells[3]));
      assertThat(Key.md5(value)).as(cells[1]).hasToString(unquoted(cells[4]));
    }
  }

  private static String unquoted(String cell) {
    String trimmed = cell.strip();
    return trimmed.substring(1, trimmed.length() - 1);
  }

  @Test
  void whatIsEqualHasTheSameKey() {
    assertThat(Key.hash((byte) 5)).isEqualTo(Key.hash(5L)).isEqualTo(Key.hash((short) 5));
    assertThat(Key.hash(0.5f)).isEqualTo(Key.hash(0.5));
    assertThat(Key.hash(-0.0)).isEqualTo(Key.hash(0.0));
    assertThat(Key.hash(Double.longBitsToDouble(0x7ff8_0000_0000_0001L)))
        .isEqualTo(Key.hash(Double.NaN));
    assertThat(Key.hash(new Point(1, 2)))
        .isEqualTo(Key.hash(new TreeMap<>(Map.of("y", 2, "x", 1))));
    assertThat(Key.hash(Set.of(1, 2, 3))).isEqualTo(Key.hash(List.of(1, 2, 3)));
    assertThat(Key.hash(Colour.RED)).isEqualTo(Key.hash("RED"));
    assertThat(Key.hash(Optional.of(1))).isEqualTo(Key.hash(1));
    assertThat(Key.hash(Key.of(1))).isEqualTo(Key.hash(Key.of(1).toString()));
  }

  @Test
  void whatDiffersHasAnotherKey() {
    assertThat(Key.hash(1)).isNotEqualTo(Key.hash(1.0)).isNotEqualTo(Key.hash("1"));
    assertThat(Key.hash(List.of(1, 2))).isNotEqualTo(Key.hash(List.of(2, 1)));
    assertThat(Key.hash("")).isNotEqualTo(Key.hash(new byte[0])).isNotEqualTo(Key.hash(List.of()));
    assertThat(Key.hash(List.of())).isNotEqualTo(Key.hash(Map.of()));
  }

  @Test
  void allElseIsRefused() {
    List<Object> others =
        List.of(
            BigInteger.ONE,
            BigDecimal.ONE,
            new UUID(1, 2),
            Duration.ZERO,
            new Object(),
            Thread.State.class,
            Thread.currentThread(),
            "\udc00");
    for (Object other : others) {
      assertThatThrownBy(() -> Key.hash(other))
          .as(other.getClass().getName())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Key.hash(Set.of(1, 1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same encoding");
    assertThatThrownBy(() -> Key.hash(Map.of(1, "a", 1L, "b")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Sets and maps of the JDK iterate in another order in each JVM; records name their class. */
  static List<Object> values() {
    return Arrays.asList(
        null,
        Set.of("a", "b", "c", "d", "e", "f", "g"),
        Map.of("one", 1, "two", 2L, "three", List.of(3.0), "four", Set.of(1, 2, 3, 4)),
        new Named("n", Map.of("p", Set.of(new Point(1, 2), new Point(3, 4))), Optional.empty()),
        Instant.EPOCH,
        "grüß",
        new byte[] {1});
  }

  /** Prints the keys; runs in a process of its own. */
  public static final class Child {
    private Child() {}

    @SuppressWarnings("SystemOut") // how it tells the test
    public static void main(String[] arguments) {
      for (Object value : values()) {
        System.out.println(Key.hash(value) + " " + Key.md5(value));
      }
    }
  }

  @Test
  void twoProcessesAgreeOnTheKeys() throws Exception {
    List<String> here =
        values().stream().map(value -> Key.hash(value) + " " + Key.md5(value)).toList();
    for (int round = 0; round < 2; round++) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dfile.encoding=US-ASCII",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(printed.lines().toList()).isEqualTo(here);
    }
  }
}
