// Properties: what goes in comes out, and no bytes whatever do harm.
package dev.p2pkit.sdk.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CodecPropertyTest {
  enum Colour {
    RED,
    GREEN
  }

  record Leaf(int number, double real, String text, Colour colour, Instant moment) {}

  record Branch(String name, List<Leaf> leaves, Map<String, Leaf> named, Optional<Leaf> maybe) {}

  @Provide
  Arbitrary<Object> plain() {
    return plain(3);
  }

  private static Arbitrary<Object> plain(int depth) {
    Arbitrary<Object> scalar =
        Arbitraries.oneOf(
                Arbitraries.just(null),
                Arbitraries.of(true, false),
                Arbitraries.longs().map(Object.class::cast),
                Arbitraries.doubles().map(Object.class::cast),
                texts().map(Object.class::cast),
                moments().map(Object.class::cast))
            .withoutEdgeCases();
    return depth == 0
        ? scalar
        : Arbitraries.oneOf(
            scalar,
            plain(depth - 1).list().ofMaxSize(3).map(Object.class::cast),
            Arbitraries.maps(texts(), plain(depth - 1)).ofMaxSize(3).map(Object.class::cast));
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.strings().withCharRange(' ', '\u02ff').ofMaxLength(8);
  }

  private static Arbitrary<Instant> moments() {
    return Combinators.combine(
            Arbitraries.longs().between(-10_000_000_000L, 10_000_000_000L),
            Arbitraries.longs().between(0, 999_999_999))
        .as(Instant::ofEpochSecond);
  }

  @Provide
  Arbitrary<Leaf> leaves() {
    return Combinators.combine(
            Arbitraries.integers(),
            Arbitraries.doubles(),
            texts(),
            Arbitraries.of(Colour.class),
            moments())
        .as(Leaf::new);
  }

  @Provide
  Arbitrary<Branch> branches() {
    return Combinators.combine(
            texts(),
            leaves().list().ofMaxSize(3),
            Arbitraries.maps(texts(), leaves()).ofMaxSize(3),
            leaves().optional())
        .as(Branch::new);
  }

  @Property(tries = 300)
  void plainValuesComeBackFromTree(@ForAll("plain") Object value) {
    assertThat(PayloadCodec.isTree(value)).isTrue();
    assertThat(PayloadCodec.decodeTree(PayloadCodec.encodeTree(value))).isEqualTo(value);
  }

  @Property(tries = 300)
  void recordsComeBackFromBothFormatsAndAsState(@ForAll("branches") Branch branch) {
    PayloadCodec codec = PayloadCodec.of(Branch.class);
    assertThat(codec.decode(body(1, PayloadCodec.encodeTree(branch)), Branch.class))
        .isEqualTo(branch);
    assertThat(codec.decode(body(2, PayloadCodec.encodeKryo(branch)), Branch.class))
        .isEqualTo(branch);
    byte[] state = codec.encodeState(branch);
    assertThat(codec.decodeState(state, Branch.class)).isEqualTo(branch);
    assertThat(codec.decodeTreeView(state))
        .isEqualTo(PayloadCodec.decodeTree(PayloadCodec.encodeTree(branch)));
  }

  @Property(tries = 300)
  void theOrderOfAMapIsWithoutInfluenceOnItsKey(@ForAll("plain") Object value) {
    byte[] once = CanonicalTree.encode(value);
    Object reordered = PayloadCodec.decodeTree(once);
    assertThat(CanonicalTree.encode(reordered)).isEqualTo(once);
  }

  private static byte[] body(int format, byte[] content) {
    byte[] body = new byte[content.length + 1];
    body[0] = (byte) format;
    System.arraycopy(content, 0, body, 1, content.length);
    return body;
  }

  @Property(tries = 3_000)
  void noBytesGiveAnythingButAValueOrACodecException(
      @ForAll @IntRange(min = 0, max = 3) int format, @ForAll @Size(max = 200) byte[] content) {
    harmless(body(format, content));
  }

  @Property(tries = 400)
  void noChangedBodyDoesHarm(
      @ForAll("branches") Branch branch,
      @ForAll @IntRange(min = 1, max = 2) int format,
      @ForAll @IntRange int place,
      @ForAll byte change) {
    byte[] body =
        body(
            format,
            format == 1 ? PayloadCodec.encodeTree(branch) : PayloadCodec.encodeKryo(branch));
    body[1 + Math.floorMod(place, body.length - 1)] = change;
    harmless(body);
    harmless(Arrays.copyOf(body, Math.floorMod(place, body.length)));
  }

  /** Every length that can be declared is declared as huge, in few bytes. */
  @Property(tries = 500)
  void hugeLengthsAllocateNothing(
      @ForAll @IntRange(min = 1, max = 2) int format,
      @ForAll @IntRange(min = 0, max = 40) int tag,
      @ForAll @Size(max = 8) byte[] rest) {
    byte[] content = new byte[5 + rest.length];
    Arrays.fill(content, (byte) 0x7f);
    content[0] = (byte) tag;
    if (format == 2) {
      Arrays.fill(content, 1, 4, (byte) -1);
    }
    System.arraycopy(rest, 0, content, 5, rest.length);
    harmless(body(format, content));
  }

  private static void harmless(byte[] body) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    tried(() -> PayloadCodec.of(Branch.class).decode(body, Branch.class));
    tried(() -> PayloadCodec.of(Branch.class).decode(body, Object.class));
    tried(() -> PayloadCodec.of(Branch.class).match(body, List.of(Branch.class, Leaf.class)));
    if (body.length > 0) {
      byte[] state = body.clone();
      state[0] = 1;
      tried(() -> PayloadCodec.of(Branch.class).decodeState(state, Branch.class));
      tried(() -> PayloadCodec.of(Branch.class).decodeTreeView(state));
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(4_000_000);
  }

  private static void tried(Runnable decoding) {
    try {
      decoding.run();
    } catch (CodecException expected) {
      assertThat(expected).hasMessageNotContaining("java.lang.Object@");
    }
  }
}
