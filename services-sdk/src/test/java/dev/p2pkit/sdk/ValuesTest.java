// Addresses, payloads, trees, options and codes: what they accept, refuse and say.
package dev.p2pkit.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.codec.PayloadCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  private static final PeerId PEER = PeerId.parse("0123456789abcdef0123456789abcdef");

  @Test
  void anAddressIsReadAsItIsWritten() {
    for (Address address :
        List.of(
            Address.ofPeer(PEER, "chat"),
            Address.ofSession(Key.of(7), "a/b:c ü"),
            Address.ofPeer(PEER, "x".repeat(Address.MAX_ACCESS_POINT)))) {
      assertThat(Address.parse(address.toString())).isEqualTo(address);
    }
    assertThat(Address.ofPeer(PEER, "chat"))
        .hasToString("peer:0123456789abcdef0123456789abcdef/chat");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "peer:",
        "peer:0123456789abcdef0123456789abcdef",
        "peer:0123456789abcdef0123456789abcdef/",
        "peer:0123/chat",
        "client:0123456789abcdef0123456789abcdef/chat",
        "peer:0123456789abcdef0123456789abcdeZ/chat"
      })
  void otherAddressesAreRefused(String text) {
    assertThatThrownBy(() -> Address.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAccessPointHasAName() {
    assertThatThrownBy(() -> Address.ofPeer(PEER, "")).hasMessageContaining("1 to 255");
    assertThatThrownBy(() -> Address.ofPeer(PEER, "x".repeat(256)))
        .hasMessageContaining("1 to 255");
  }

  record Add(long by) {}

  @Test
  void aPayloadHasTheFormatOfItsValue() {
    assertThat(Payload.of(new byte[] {1}).format()).isEqualTo(Payload.Format.BYTES);
    assertThat(Payload.of(Map.of("by", 1)).format()).isEqualTo(Payload.Format.TREE);
    assertThat(Payload.of("text").format()).isEqualTo(Payload.Format.TREE);
    assertThat(Payload.of(null).format()).isEqualTo(Payload.Format.TREE);
    assertThat(Payload.of(new Add(1)).format()).isEqualTo(Payload.Format.KRYO);
    assertThat(Payload.of(new Add(1), Payload.Format.TREE))
        .isEqualTo(Payload.tree(Map.of("by", 1)));
    Payload payload = Payload.of("x");
    assertThat(Payload.of(payload)).isSameAs(payload);
    assertThat(payload.as(Payload.class)).isSameAs(payload);
  }

  @Test
  void aPayloadFromTheWireIsThePayloadThatWasSent() {
    Payload payload = Payload.of(new Add(5));
    Payload received = Payload.fromWire(payload.toWire().clone());

    assertThat(received).isEqualTo(payload).hasSameHashCodeAs(payload);
    assertThat(received.as(Add.class)).isEqualTo(new Add(5));
    assertThat(received.length()).isEqualTo(received.content().length + 1);
    assertThat(Payload.tree(Map.of("by", 7)).as(Add.class)).isEqualTo(new Add(7));
    assertThat((Object) Payload.of(null).as(Add.class)).isNull();
  }

  @Test
  void otherBytesFromTheWireAreAProtocolError() {
    for (byte[] bytes : List.of(new byte[0], new byte[] {3}, new byte[] {-1, 1})) {
      assertThatThrownBy(() -> Payload.fromWire(bytes))
          .isInstanceOfSatisfying(
              KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR));
    }
    assertThatThrownBy(() -> Payload.fromWire(new byte[] {1, 99}).as(Add.class))
        .isInstanceOfSatisfying(
            KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR));
  }

  @Test
  void aTreeGivesItsComponentsByNameAndKind() {
    Tree tree =
        Tree.of(
            Map.of(
                "count",
                5L,
                "share",
                0.5,
                "open",
                true,
                "name",
                "n",
                "since",
                Instant.EPOCH,
                "list",
                List.of(1L),
                "map",
                Map.of("inner", 6L)));

    assertThat(tree.getLong("count")).isEqualTo(5);
    assertThat(tree.getDouble("share")).isEqualTo(0.5);
    assertThat(tree.getBoolean("open")).isTrue();
    assertThat(tree.getString("name")).isEqualTo("n");
    assertThat(tree.getInstant("since")).isEqualTo(Instant.EPOCH);
    assertThat(tree.getList("list")).isEqualTo(List.of(1L));
    assertThat(tree.getMap("map")).isEqualTo(Map.of("inner", 6L));
    assertThat(tree.get("map").orElseThrow().getLong("inner")).isEqualTo(6);
    assertThat(tree.get("none")).isEmpty();
    assertThat(tree.has("none")).isFalse();
    for (Runnable wrong :
        List.<Runnable>of(
            () -> tree.getLong("none"),
            () -> tree.getLong("name"),
            () -> Tree.of(5L).getLong("count"))) {
      assertThatThrownBy(wrong::run)
          .isInstanceOfSatisfying(
              KitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_FAILED));
    }
  }

  record Totals(long count, Instant since) {}

  @Test
  void aTreeShowsAnEncodedState() {
    PayloadCodec codec = PayloadCodec.of(Totals.class);
    Tree tree = Tree.of(codec.decodeTreeView(codec.encodeState(new Totals(41, Instant.EPOCH))));

    assertThat(tree.getLong("count")).isEqualTo(41);
    assertThat(tree.getInstant("since")).isEqualTo(Instant.EPOCH);
  }

  @Test
  void installOptionsChangeOneThingEach() {
    InstallOptions options = InstallOptions.named("counter");

    assertThat(options.name()).contains("counter");
    assertThat(options.instance()).isEqualTo("1");
    assertThat(options.upgradeable()).isTrue();
    assertThat(options.sharable()).isTrue();
    assertThat(options.instance("2").instance()).isEqualTo("2");
    assertThat(options.sealed().upgradeable()).isFalse();
    assertThat(options.notSharable().sharable()).isFalse();
    assertThat(options.ownerKey(Path.of("k")).ownerKey()).contains(Path.of("k"));
    assertThat(options.within(Duration.ofSeconds(1)).deadline()).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.sealed().notSharable().name()).contains("counter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "a b", "a/b", "ä", "a\n"})
  void aServiceNameIsPlain(String name) {
    assertThatThrownBy(() -> InstallOptions.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 128");
  }

  @Test
  void deadlinesLieBetweenAMillisecondAndTenMinutes() {
    assertThat(SendOptions.within(Duration.ofMinutes(10)).ack()).isEqualTo(Ack.PROCESSED);
    for (Duration wrong :
        List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofMinutes(11))) {
      assertThatThrownBy(() -> SendOptions.within(wrong)).hasMessageContaining("10 minutes");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatMayBeRepeatedWasNotDelivered(ErrorCode code) {
    if (code.retryable()) {
      assertThat(code.delivery()).isEqualTo(Delivery.NOT_DELIVERED);
    }
    if (code.name().endsWith("UNKNOWN")) {
      assertThat(code.delivery()).isEqualTo(Delivery.UNKNOWN);
    }
  }

  @Test
  void aStagesFailureIsFoundInsideOfItsWrapping() {
    KitException inner = new KitException(ErrorCode.BUSY, "later");

    assertThat(KitException.from(new CompletionException(inner))).isSameAs(inner);
    assertThat(KitException.from(new ExecutionException(inner))).isSameAs(inner);
    assertThat(KitException.from(new IllegalStateException("x")).code())
        .isEqualTo(ErrorCode.PROTOCOL_ERROR);
    assertThat(inner).hasMessage("BUSY: later");
    assertThat(inner.detail()).isEqualTo("later");
  }
}
