// JSON to TREE values and back, and what is refused.
package dev.p2pkit.peer.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.p2pkit.sdk.Payload;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTreeTest {
  @Test
  void readsPlainValues() {
    assertThat(JsonTree.parse("null")).isNull();
    assertThat(JsonTree.parse("true")).isEqualTo(true);
    assertThat(JsonTree.parse("7")).isEqualTo(7L);
    assertThat(JsonTree.parse("7.5")).isEqualTo(7.5);
    assertThat(JsonTree.parse("\"a\"")).isEqualTo("a");
    assertThat(JsonTree.parse("[1, [], {\"b\": null}]"))
        .isEqualTo(List.of(1L, List.of(), mapWithNull("b")));
  }

  @Test
  void readsWhatJsonCannotSay() {
    assertThat((byte[]) JsonTree.parse("{\"$bytes\": \"AQI=\"}")).containsExactly(1, 2);
    assertThat(JsonTree.parse("{\"$instant\": \"2026-01-31T12:00:00Z\"}"))
        .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    assertThat(JsonTree.parse("{\"$double\": \"NaN\"}")).isEqualTo(Double.NaN);
    assertThat(JsonTree.parse("{\"$map\": [[1, \"one\"], [\"$bytes\", 2]]}"))
        .isEqualTo(Map.of(1L, "one", "$bytes", 2L));
  }

  @Test
  void anObjectWithFurtherMembersIsPlain() {
    assertThat(JsonTree.parse("{\"$bytes\": 1, \"x\": 2}"))
        .isEqualTo(Map.of("$bytes", 1L, "x", 2L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "alice",
        "{\"a\": 1} x",
        "[1,",
        "{\"a\": 1, \"a\": 2}",
        "9223372036854775808",
        "1e999",
        "{\"$bytes\": \"%\"}",
        "{\"$bytes\": 1}",
        "{\"$instant\": \"yesterday\"}",
        "{\"$double\": \"x\"}",
        "{\"$other\": 1}",
        "{\"$map\": {\"a\": 1}}",
        "{\"$map\": [[1]]}"
      })
  void refusesTheRestWithASentence(String json) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JsonTree.parse(json))
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
  }

  @Test
  void refusesDeepNesting() {
    String deep = "[".repeat(JsonTree.MAX_DEPTH + 1) + "]".repeat(JsonTree.MAX_DEPTH + 1);
    assertThatIllegalArgumentException().isThrownBy(() -> JsonTree.parse(deep));
    String allowed = "[".repeat(JsonTree.MAX_DEPTH) + "]".repeat(JsonTree.MAX_DEPTH);
    assertThat(JsonTree.parse(allowed)).isInstanceOf(List.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"by\":1,\"id\":\"x\"}",
        "[true,null,\"é\",-1.25]",
        "{\"$bytes\":\"AQI=\"}",
        "{\"$instant\":\"2026-01-31T12:00:00Z\"}",
        "{\"$double\":\"Infinity\"}"
      })
  void writesWhatItRead(String json) {
    assertThat(JsonTree.format(JsonTree.parse(json))).isEqualTo(json);
  }

  @Test
  void bodiesOfAllFormatsCanBeShown() {
    assertThat(JsonTree.toJson(Payload.tree(Map.of("a", 1))).toString()).isEqualTo("{\"a\":1}");
    assertThat(JsonTree.toJson(Payload.bytes(new byte[] {1, 2})).toString())
        .isEqualTo("{\"$bytes\":\"AQI=\"}");
  }

  @Property(tries = 200)
  void roundTrip(@ForAll("trees") Object tree) {
    String json = JsonTree.format(tree);
    assertThat(JsonTree.format(JsonTree.parse(json))).isEqualTo(json);
    assertThat(Payload.tree(JsonTree.parse(json))).isEqualTo(Payload.tree(tree));
  }

  @Property(tries = 200)
  void anyTextIsReadOrRefused(@ForAll String text) {
    try {
      JsonTree.parse(text);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Provide
  Arbitrary<Object> trees() {
    return trees(3);
  }

  /** So many containers in each other at most: without a bound some trees fill the memory. */
  private static Arbitrary<Object> trees(int depth) {
    Arbitrary<Object> leaves =
        Arbitraries.oneOf(
            Arbitraries.longs().map(Object.class::cast),
            Arbitraries.doubles().map(Object.class::cast),
            Arbitraries.of(true, false).map(Object.class::cast),
            Arbitraries.strings().ascii().ofMaxLength(8).map(Object.class::cast),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(6).map(Object.class::cast),
            Arbitraries.longs()
                .between(0, 4_000_000_000L)
                .map(seconds -> (Object) Instant.ofEpochSecond(seconds)));
    if (depth == 0) {
      return leaves;
    }
    Arbitrary<Object> inner = trees(depth - 1);
    Arbitrary<String> names =
        Arbitraries.oneOf(
            Arbitraries.strings().alpha().ofLength(2),
            Arbitraries.of("$bytes", "$map", "$instant", "$x"));
    return Arbitraries.oneOf(
        leaves,
        inner.list().ofMaxSize(3).map(Object.class::cast),
        Arbitraries.maps(names, inner).ofMaxSize(3).map(Object.class::cast));
  }

  private static Map<String, Object> mapWithNull(String key) {
    Map<String, Object> map = new HashMap<>();
    map.put(key, null);
    return map;
  }
}
