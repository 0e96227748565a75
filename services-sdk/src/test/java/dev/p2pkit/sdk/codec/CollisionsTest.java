// Keys with equal hash codes: a body may have some, not so many that they cost hours.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CollisionsTest {
  private static final int MANY = 6_000;
  private static final int SOME = 2_000;
  private static final PayloadCodec CODEC = PayloadCodec.of(CollisionsTest.class);

  record Cell(int row, int column) {}

  record Cells(Set<Cell> cells) {}

  record Numbered(Map<Cell, String> cells) {}

  record Heap(List<Set<Cell>> cells) {}

  /** Cells of one hash code: 31 times the row, and the column. */
  private static Stream<Cell> equalHashes(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Cell(i, -31 * i));
  }

  private static Set<Cell> set(Stream<Cell> cells) {
    return cells.collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Numbers of one hash code: that is the halves combined by exclusive or. */
  private static LongStream equalNumbers(int count) {
    return LongStream.range(1, count + 1).map(i -> i << 32 | (i ^ 77));
  }

  private static byte[] body(int format, byte[] content) {
    byte[] body = new byte[content.length + 1];
    body[0] = (byte) format;
    System.arraycopy(content, 0, body, 1, content.length);
    return body;
  }

  private static byte[] kryo(Object value) {
    return body(2, PayloadCodec.encodeKryo(value));
  }

  private static byte[] tree(Object value) {
    return body(1, PayloadCodec.encodeTree(value));
  }

  private static void isRefused(byte[] body, Class<?> type) {
    assertThatThrownBy(() -> CODEC.decode(body, type))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("same hash code")
        .hasMessageContaining("give")
        .hasMessageContaining("a hashCode that spreads, or send a list");
    assertThatThrownBy(() -> CODEC.match(body, List.of(type))).isInstanceOf(CodecException.class);
  }

  @Test
  void aSetOfTooManyRecordsWithOneHashCodeIsRefused() {
    Set<Cell> many = set(equalHashes(MANY));
    assertThat(many.stream().map(Cell::hashCode).distinct()).hasSize(1);
    isRefused(kryo(new Cells(many)), Cells.class);
    isRefused(kryo(many), Object.class);
    // In TREE a set is a list until it is known what it is to become.
    isRefused(tree(new Cells(many)), Cells.class);
  }

  @Test
  void soIsAMap() {
    Map<Cell, String> many = new LinkedHashMap<>();
    equalHashes(MANY).forEach(cell -> many.put(cell, ""));
    isRefused(kryo(new Numbered(many)), Numbered.class);
  }

  @Test
  void soAreManySmallSets() {
    List<Set<Cell>> sets = IntStream.range(0, 400).mapToObj(i -> set(equalHashes(300))).toList();
    isRefused(kryo(new Heap(sets)), Heap.class);
    isRefused(tree(new Heap(sets)), Heap.class);
  }

  @Test
  void soAreNumbersOfTwoKindsSinceTheyHaveNoOrder() {
    Map<Object, Integer> mixed = new LinkedHashMap<>();
    equalNumbers(MANY).forEach(number -> mixed.put(number, 1));
    equalNumbers(MANY).forEach(number -> mixed.put(Double.longBitsToDouble(number), 1));
    assertThat(mixed.keySet().stream().map(Object::hashCode).distinct()).hasSize(1);
    isRefused(tree(mixed), Map.class);
    isRefused(kryo(mixed), Map.class);
  }

  @Test
  void whatHasAnOrderMayShareItsHashCode() {
    Map<Long, Long> numbers =
        equalNumbers(50_000).boxed().collect(Collectors.toMap(Function.identity(), i -> 1L));
    assertThat(CODEC.decode(tree(numbers), Object.class)).isEqualTo(numbers);
    assertThat(CODEC.decode(kryo(numbers), Object.class)).isEqualTo(numbers);
  }

  @Test
  void someRecordsMayShareTheirHashCode() {
    Cells some = new Cells(set(equalHashes(SOME)));
    assertThat(CODEC.decode(kryo(some), Cells.class)).isEqualTo(some);
    assertThat(CODEC.decode(tree(some), Cells.class)).isEqualTo(some);
  }

  @Test
  void aLargeGridIsTakenAlthoughEachHashCodeIsThatOfMany() {
    Set<Cell> grid = new LinkedHashSet<>();
    for (int row = 0; row < 400; row++) {
      for (int column = 0; column < 400; column++) {
        grid.add(new Cell(row, column));
      }
    }
    assertThat(grid.stream().map(Cell::hashCode).distinct().count()).isLessThan(grid.size() / 10);
    assertThat(CODEC.decode(kryo(new Cells(grid)), Cells.class).cells()).isEqualTo(grid);
  }

  @Test
  void oneElementThatComesOftenIsNoCollision() {
    List<Cell> often = Collections.nCopies(5 * MANY, new Cell(1, 2));
    assertThat(CODEC.decode(tree(Map.of("cells", often)), Cells.class).cells()).hasSize(1);
  }

  @Test
  void aStateIsReadHoweverItsKeysCollide() {
    Cells state = new Cells(set(equalHashes(MANY)));
    byte[] stored = CODEC.encodeState(state);
    assertThat(CODEC.decodeState(stored, Cells.class)).isEqualTo(state);
    assertThat(CODEC.bindState(CODEC.decodeTreeView(stored), Cells.class)).isEqualTo(state);
  }
}
