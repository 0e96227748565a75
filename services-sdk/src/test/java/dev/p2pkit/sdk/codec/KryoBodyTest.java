// KRYO bodies and states: by component name, within the allow list, without trust in lengths.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

class KryoBodyTest {
  enum Colour {
    RED,
    GREEN {
      @Override
      boolean cool() {
        return true;
      }
    };

    boolean cool() {
      return false;
    }
  }

  record Point(int x, double y) {}

  sealed interface Shapely {
    record Dot(Point at) implements Shapely {}

    record Line(Point from, Point to) implements Shapely {}
  }

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
      boolean[] truths,
      short[] shorts,
      int[] ints,
      long[] longs,
      float[] floats,
      double[] doubles,
      char[] chars,
      String[] strings,
      Point[] dots,
      BigInteger big,
      BigDecimal exact,
      UUID uuid,
      Instant moment,
      Duration duration,
      LocalDate date,
      LocalTime time,
      LocalDateTime dateTime,
      Colour colour,
      Optional<Point> maybe,
      Optional<Point> not,
      List<Point> points,
      Set<Colour> colours,
      Map<Key, Point> byKey,
      SortedMap<String, Integer> sorted,
      ConcurrentMap<String, Integer> concurrent,
      List<Shapely> shapes,
      Object anything,
      Address address) {}

  static Everything everything() {
    return new Everything(
        true,
        (byte) -1,
        (short) 300,
        -70_000,
        Long.MIN_VALUE,
        1.5f,
        Math.PI,
        'ß',
        "grüß 😀",
        new byte[] {1, 2},
        new boolean[] {true, false},
        new short[] {1, -2},
        new int[] {3, 4},
        new long[] {5, Long.MAX_VALUE},
        new float[] {0.5f},
        new double[] {0.25},
        new char[] {'a', 'b'},
        new String[] {"x", null},
        new Point[] {new Point(1, 1)},
        BigInteger.ONE.shiftLeft(100).negate(),
        new BigDecimal("-12345678901234567890.0123"),
        new UUID(1, 2),
        Instant.MAX,
        Duration.ofSeconds(-5, 3),
        LocalDate.of(2026, 11, 20),
        LocalTime.of(1, 2, 3, 4),
        LocalDateTime.of(1999, 12, 31, 23, 59),
        Colour.GREEN,
        Optional.of(new Point(1, 2)),
        Optional.empty(),
        List.of(new Point(3, 4), new Point(5, 6)),
        Set.of(Colour.RED),
        Map.of(Key.of(7), new Point(8, 9)),
        new TreeMap<>(Map.of("b", 2, "a", 1)),
        new ConcurrentHashMap<>(Map.of("c", 3)),
        List.of(
            new Shapely.Dot(new Point(0, 0)), new Shapely.Line(new Point(1, 1), new Point(2, 2))),
        Arrays.asList(1, null, "x"),
        Address.ofSession(Key.of(9), "chat"));
  }

  @Test
  void aRecordOfEverythingComesBack() {
    Payload payload = Payload.of(everything());

    assertThat(payload.format()).isEqualTo(Payload.Format.KRYO);
    assertThat(payload.as(Everything.class))
        .usingRecursiveComparison()
        .withStrictTypeChecking()
        .ignoringCollectionOrder()
        .ignoringFields("concurrent", "points", "colours", "byKey", "shapes", "anything")
        .isEqualTo(everything());
    Everything back = payload.as(Everything.class);
    assertThat(back.points()).isEqualTo(everything().points());
    assertThat(back.colours()).isEqualTo(everything().colours());
    assertThat(back.byKey()).isEqualTo(everything().byKey());
    assertThat(back.shapes()).isEqualTo(everything().shapes());
    assertThat(back.anything()).isEqualTo(everything().anything());
    assertThat(back.concurrent()).isInstanceOf(ConcurrentHashMap.class).containsEntry("c", 3);
  }

  @Test
  void messagesAndPayloadsTravelInsideOfMessages() {
    Message message =
        new Message(
            new Source.OfPeer(new PeerId(Key.of(1))),
            new Destination.OfKey(Key.of(2)),
            "chat",
            Payload.of("hello"),
            Optional.of(Address.ofPeer(new PeerId(Key.of(1)), "chat")));

    assertThat(roundTrip(message, Message.class)).isEqualTo(message);
  }

  private static <T> T roundTrip(Object value, Class<T> type) {
    return PayloadCodec.of(type).decode(kryo(value), type);
  }

  private static byte[] kryo(Object value) {
    byte[] content = PayloadCodec.encodeKryo(value);
    byte[] body = new byte[content.length + 1];
    body[0] = 2;
    System.arraycopy(content, 0, body, 1, content.length);
    return body;
  }

  static final class Account {
    private String owner = "nobody";
    private final Deque<Integer> history = new ArrayDeque<>();
    private transient int cached = 7;

    Account() {}

    Account(String owner, List<Integer> history) {
      this.owner = owner;
      this.history.addAll(history);
      this.cached = 8;
    }
  }

  @Test
  void aClassIsEncodedByItsFields() {
    Account back = roundTrip(new Account("ann", List.of(1, 2)), Account.class);

    assertThat(back.owner).isEqualTo("ann");
    assertThat(back.history).containsExactly(1, 2);
    assertThat(back.cached).isEqualTo(7);
  }

  static final class Unmakeable {
    final int value;

    Unmakeable(int value) {
      this.value = value;
    }
  }

  @Test
  void whatCannotBeEncodedIsRefusedWithTheFix() {
    assertThatThrownBy(() -> Payload.of(new Unmakeable(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("constructor without arguments");
    assertThatThrownBy(() -> Payload.of(URI.create("a:b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.net.URI")
        .hasMessageContaining("use a record");
    Runnable lambda = () -> {};
    assertThatThrownBy(() -> Payload.of(lambda)).isInstanceOf(IllegalArgumentException.class);
    List<Object> loop = new ArrayList<>(List.of(new Point(0, 0)));
    loop.add(loop);
    assertThatThrownBy(() -> PayloadCodec.encodeKryo(loop))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contain itself");
    assertThat(Payload.of(new Point(1, 1)).as(Point.class)).isEqualTo(new Point(1, 1));
  }

  @Test
  void aBodyNamesNoClassOfTheJdkOrTheHost() {
    for (String name :
        List.of(
            "java.net.URI",
            "java.util.ArrayList",
            "javax.management.remote.JMXServiceURL",
            "dev.p2pkit.sdk.KitException",
            "dev.p2pkit.sdk.codec.KryoFormat")) {
      assertThatThrownBy(
              () -> PayloadCodec.of(Point.class).decode(naming(name), Object.class), name)
          .isInstanceOf(CodecException.class);
    }
    assertThatThrownBy(
            () ->
                PayloadCodec.of(Point.class)
                    .decode(naming("com.esotericsoftware.kryo.Kryo"), Object.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("must not name");
  }

  /** A body of one object without components, of a class of this name. */
  private static byte[] naming(String name) {
    byte[] utf8 = Utf8.encode(name);
    ByteSink out = new ByteSink();
    out.u8(2);
    out.u8(ValueSerializers.DEFINE_OBJECT);
    out.u8(utf8.length);
    out.raw(utf8);
    out.u8(0);
    return out.toBytes();
  }

  @Test
  void declaredLengthsAreCheckedBeforeAllocation() {
    for (int code : new int[] {9, 10, 11, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29}) {
      byte[] huge = {2, (byte) code, -1, -1, -1, -1, 7};
      assertThatThrownBy(() -> PayloadCodec.of(Point.class).decode(huge, Object.class))
          .as("code " + code)
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("bytes are left");
    }
    byte[] deep = new byte[10_000];
    Arrays.fill(deep, (byte) 22);
    deep[0] = 2;
    assertThatThrownBy(() -> PayloadCodec.of(Point.class).decode(deep, Object.class))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("depth");
  }

  record PointV2(double y, long x, String label, Optional<String> note, List<Old> olds) {}

  record PointV1(int x, double y, Gone gone, List<Old> olds) {}

  record Old(int value) {}

  record Gone(String text) {}

  @Test
  void aStateOutlivesItsClass() {
    PayloadCodec codec = PayloadCodec.forLoader(KryoBodyTest.class.getClassLoader());
    byte[] state =
        codec.encodeState(new PointV1(3, 4.5, new Gone("bye"), List.of(new Old(1), new Old(2))));

    assertThat(codec.decodeState(state, PointV2.class))
        .isEqualTo(new PointV2(4.5, 3, null, Optional.empty(), List.of(new Old(1), new Old(2))));
    Map<String, Object> view = new HashMap<>();
    view.put("x", 3L);
    view.put("y", 4.5);
    view.put("gone", Map.of("text", "bye"));
    view.put("olds", List.of(Map.of("value", 1L), Map.of("value", 2L)));
    assertThat(codec.decodeTreeView(state)).isEqualTo(view);
  }

  @Test
  void theViewOfAStateIsPlain() {
    PayloadCodec codec = PayloadCodec.forLoader(KryoBodyTest.class.getClassLoader());

    Object view = codec.decodeTreeView(codec.encodeState(everything()));

    assertThat(view).isInstanceOf(Map.class);
    Map<?, ?> map = (Map<?, ?>) view;
    assertThat(map.get("whole")).isEqualTo(-70_000L);
    assertThat(map.get("colour")).isEqualTo("GREEN");
    assertThat(map.get("maybe")).isEqualTo(Map.of("x", 1L, "y", 2.0));
    assertThat(map.get("not")).isNull();
    assertThat(map.get("byKey")).isEqualTo(Map.of(Key.of(7).toString(), Map.of("x", 8L, "y", 9.0)));
    assertThat(map.get("address")).isEqualTo(everything().address().toString());
    assertThat(map.get("exact")).isEqualTo("-12345678901234567890.0123");
    assertThat(map.get("ints")).isEqualTo(List.of(3L, 4L));
  }

  record Add(long by) {}

  record Reset(String reason) {}

  record AddTo(long by, String account) {}

  @Test
  void aBodyIsMatchedWithTheHandlersTypes() {
    PayloadCodec codec = PayloadCodec.of(Add.class);
    List<Class<?>> types = List.of(Add.class, Reset.class, String.class, long.class);

    assertThat(codec.match(Payload.tree(Map.of("by", 3)).toWire(), types))
        .contains(new PayloadCodec.Match(Add.class, new Add(3)));
    assertThat(codec.match(Payload.tree(Map.of("type", "Reset")).toWire(), types))
        .contains(new PayloadCodec.Match(Reset.class, new Reset(null)));
    assertThat(codec.match(Payload.of(new Reset("x")).toWire(), types))
        .contains(new PayloadCodec.Match(Reset.class, new Reset("x")));
    assertThat(codec.match(Payload.of("hello").toWire(), types))
        .contains(new PayloadCodec.Match(String.class, "hello"));
    assertThat(codec.match(Payload.of(5).toWire(), types))
        .contains(new PayloadCodec.Match(long.class, 5L));
    assertThat(codec.match(Payload.tree(Map.of("other", 1)).toWire(), types)).isEmpty();
    assertThat(codec.match(Payload.of(new Gone("x")).toWire(), types)).isEmpty();
    assertThat(codec.match(Payload.of(2.5).toWire(), types)).isEmpty();
    assertThat(codec.match(Payload.tree(null).toWire(), types)).isEmpty();
  }

  @Test
  void aMessageThatFitsSeveralHandlersNamesThem() {
    PayloadCodec codec = PayloadCodec.of(Add.class);
    List<Class<?>> types = List.of(AddTo.class, Point.class, PointV1.class);

    assertThatThrownBy(() -> codec.match(Payload.tree(Map.of("x", 1)).toWire(), types))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("Point, PointV1")
        .hasMessageContaining("'type'");
    assertThat(codec.match(Payload.tree(Map.of("by", 1)).toWire(), List.of(Add.class, AddTo.class)))
        .contains(new PayloadCodec.Match(Add.class, new Add(1)));
  }

  @Test
  void aBodyOfAnotherClassIsNotTakenForTheWantedOne() {
    assertThatThrownBy(() -> PayloadCodec.of(Add.class).decode(kryo(new Reset("x")), Add.class))
        .isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> PayloadCodec.of(Add.class).decode(kryo("text"), Add.class))
        .isInstanceOf(CodecException.class);
  }

  @Test
  void wrappedCollectionsComeBackAsPlainOnes() {
    List<Object> values =
        List.of(
            Collections.unmodifiableList(new ArrayList<>(List.of(Colour.RED))),
            Collections.singletonMap("a", Colour.RED),
            Collections.emptySet(),
            Arrays.asList(1, 2).subList(0, 1));
    assertThat(PayloadCodec.of(Point.class).decode(kryo(values), Object.class)).isEqualTo(values);
  }
}
