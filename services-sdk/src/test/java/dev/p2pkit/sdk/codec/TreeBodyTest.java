// TREE bodies: what goes in comes out, by component name and with checked numbers.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TreeBodyTest {
  enum Colour {
    RED,
    GREEN
  }

  record Point(int x, double y) {}

  record Page<T>(List<T> items, int number) {}

  @SuppressWarnings("ArrayRecordComponent") // arrays are what is tested
  record Everything(
      boolean truth,
      byte small,
      short medium,
      int whole,
      long wide,
      float narrow,
      double real,
      char unit,
      String text,
      byte[] bytes,
      int[] numbers,
      Instant moment,
      Duration duration,
      UUID uuid,
      Colour colour,
      Optional<Point> maybe,
      Optional<Point> not,
      List<Point> points,
      Set<Colour> colours,
      Map<Long, Point> byNumber,
      SortedMap<String, Integer> sorted,
      Page<Point> page,
      Key key,
      PeerId peer,
      Address address) {}

  sealed interface Command {
    record Start(String name) implements Command {}

    record Stop(String name, int code) implements Command {}
  }

  record Envelope(Command command) {}

  private static Everything everything() {
    return new Everything(
        true,
        (byte) -1,
        (short) 300,
        -70_000,
        Long.MIN_VALUE,
        1.5f,
        Math.PI,
        'ß',
        "gr\u00fc\u00df \ud83d\ude00",
        new byte[] {1, 2},
        new int[] {3, 4},
        Instant.parse("2026-11-20T10:00:00.000000001Z"),
        Duration.ofMillis(1234),
        UUID.fromString("01234567-89ab-cdef-0123-456789abcdef"),
        Colour.GREEN,
        Optional.of(new Point(1, 2)),
        Optional.empty(),
        List.of(new Point(3, 4), new Point(5, 6)),
        Set.of(Colour.RED),
        Map.of(7L, new Point(8, 9)),
        new TreeMap<>(Map.of("b", 2, "a", 1)),
        new Page<>(List.of(new Point(0, 0)), 1),
        new Key(-1, 5),
        new PeerId(Key.of(9)),
        Address.ofPeer(new PeerId(Key.of(9)), "chat"));
  }

  @Test
  void aRecordOfEverythingComesBackFromTree() {
    Everything back = Payload.tree(everything()).as(Everything.class);

    assertThat(back).usingRecursiveComparison().isEqualTo(everything());
    assertThat(back.points().get(1)).isInstanceOf(Point.class);
    assertThat(back.page().items().get(0)).isEqualTo(new Point(0, 0));
  }

  @Test
  void missingComponentsGetZeroAndUnknownEntriesAreSkipped() {
    assertThat(Payload.tree(Map.of("x", 3, "colour", "blue")).as(Point.class))
        .isEqualTo(new Point(3, 0.0));
  }

  @Test
  void numbersAreConvertedOnlyIfNothingIsLost() {
    assertThat(Payload.tree(Map.of("x", 3.0, "y", 4)).as(Point.class)).isEqualTo(new Point(3, 4.0));
    assertThatThrownBy(() -> decode(Map.of("x", 3.5), Point.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("component 'x' of Point");
    assertThatThrownBy(() -> decode(Map.of("x", 1L << 40), Point.class))
        .isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> decode(Map.of("y", Long.MAX_VALUE), Point.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("exactly");
    assertThat(decode(5L, Integer.class)).isEqualTo(5);
    assertThat(decode(5, long.class)).isEqualTo(5L);
  }

  @Test
  void anErrorNamesTheWayToTheValue() {
    assertThatThrownBy(
            () -> decode(Map.of("items", List.of(Map.of("x", "three"))), PageOfPoints.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(
            "component 'items' of PageOfPoints: element 0: component 'x' of Point");
    assertThatThrownBy(() -> decode("BLUE", Colour.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("[RED, GREEN]");
  }

  record PageOfPoints(List<Point> items) {}

  private static <T> T decode(Object value, Class<T> type) {
    return PayloadCodec.of(type).decode(Payload.tree(value).toWire(), type);
  }

  @Test
  void theKindsOfASealedInterfaceAreToldApartByTypeOrComponents() {
    assertThat(decode(Map.of("command", Map.of("name", "a", "code", 1)), Envelope.class))
        .isEqualTo(new Envelope(new Command.Stop("a", 1)));
    assertThat(decode(Map.of("command", Map.of("type", "Stop", "name", "a")), Envelope.class))
        .isEqualTo(new Envelope(new Command.Stop("a", 0)));
    assertThat(decode(Map.of("command", Map.of("name", "a")), Envelope.class))
        .isEqualTo(new Envelope(new Command.Start("a")));
  }

  @Test
  void whatTreeCannotSayIsRefused() {
    assertThatThrownBy(() -> Payload.tree(BigInteger.ONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.math.BigInteger");
    assertThatThrownBy(() -> Payload.tree(new Object()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Payload.tree("\ud800")).isInstanceOf(IllegalArgumentException.class);
    Map<Object, Object> nullKey = new HashMap<>();
    nullKey.put(null, 1);
    assertThatThrownBy(() -> Payload.tree(nullKey)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aValueThatContainsItselfIsRefused() {
    List<Object> list = new ArrayList<>();
    list.add(list);
    assertThatThrownBy(() -> Payload.tree(list))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contain itself");
    assertThatThrownBy(() -> Payload.of(list)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onlyWhatReadsBackEqualCountsAsTree() {
    Map<String, Object> plain = new LinkedHashMap<>();
    plain.put("a", List.of(1L, 2.0, true, "x"));
    plain.put("b", null);
    assertThat(PayloadCodec.isTree(plain)).isTrue();
    assertThat(PayloadCodec.decodeTree(PayloadCodec.encodeTree(plain))).isEqualTo(plain);
    assertThat(PayloadCodec.isTree(Set.of(1))).isFalse();
    assertThat(PayloadCodec.isTree(new Point(1, 1))).isFalse();
    assertThat(PayloadCodec.isTree(List.of(Colour.RED))).isFalse();
  }

  @Test
  void aRecordThatRefusesItsComponentsGivesItsReason() {
    assertThatThrownBy(() -> decode(Map.of("value", -1), Positive.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("not negative");
  }

  record Positive(int value) {
    Positive {
      if (value < 0) {
        throw new IllegalArgumentException("not negative");
      }
    }
  }

  @Test
  void bytesAreGivenOutAsBytesOnly() {
    byte[] content = {1, 2, 3};
    assertThat(Payload.bytes(content).as(byte[].class)).isEqualTo(content);
    assertThatThrownBy(() -> PayloadCodec.of(String.class).decode(new byte[] {0, 65}, String.class))
        .isInstanceOf(CodecException.class);
  }
}
