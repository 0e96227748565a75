// Acceptance of upgrades with state on real peers: one that was away, and one that fails.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.ServiceHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UpgradeAcceptanceTest {
  private static final String MAKER =
      """
      @KitService(name = "tally", version = "%1$d", state = Maker.State%1$d.class, schema = %1$d,
          durability = Durability.JOURNAL)
      public final class Maker implements ServiceMaker {
        public record Item(long amount) {}
        public record State%1$d(%2$s) {}
        public record Add(long by) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          return ServiceDescriptor.stateful(State%1$d.class)
              .initialState(() -> new State%1$d(%3$s))
              %4$s
              .on(Add.class, (add, state, context) -> {
                State%1$d next = new State%1$d(%5$s);
                context.reply(String.valueOf(next));
                return next;
              })
              .build();
        }
      }
      """;

  private static final String RECORD_2 = "public record State2(Item item) {}";

  /** The state of schema 2 as a class whose fields change and not as a record. */
  private static final String CLASS_2 =
      """
      public static final class State2 {
        private Item item;
        public State2() {}
        State2(Item item) { this.item = item; }
        Item item() { return item; }
        @Override public String toString() { return "State2 with " + item; }
      }
      """;

  /**
   * The state of schema 1 is a record with a number, that of 2 a class with an item that has one,
   * that of 3 a record with a list of them.
   */
  private static Archive version(int schema) {
    return Archives.of(
        switch (schema) {
          case 1 -> MAKER.formatted(1, "long n", "0", "", "state.n() + add.by()");
          case 2 ->
              MAKER
                  .formatted(
                      2,
                      "Item item",
                      "new Item(0)",
                      toTwo(),
                      "new Item(state.item().amount() + add.by())")
                  .replace(RECORD_2, CLASS_2);
          default ->
              MAKER
                  .formatted(
                      3,
                      "List<Item> items",
                      "List.of(new Item(0))",
                      toTwo()
                          + ".upgradeState(2, Two.class, old -> new State3(List.of(old.item())))",
                      "List.of(new Item(state.items().get(0).amount() + add.by()))")
                  .replace(
                      "public record Add", "public record Two(Item item) {} public record Add");
        });
  }

  private static String toTwo() {
    return ".upgradeFrom(1, 2, old -> Tree.of(Map.of(\"item\", Map.of(\"amount\","
        + " old.getLong(\"n\")))))";
  }

  private static String add(ServiceHandle handle, Peer peer, long by) {
    return get(
        handle
            .peer(peer.peerId())
            .rpc(Payload.tree(Map.of("type", "Add", "by", by)), String.class));
  }

  @Test
  void acceptance5_aNodeAsleepDuringVersion2GoesFrom1To3() {
    try (TestRing ring = TestRing.of(3)) {
      InstallOptions options = InstallOptions.named("tally");
      ServiceHandle handle = get(ring.peer(0).install(version(1), options));
      Peer sleeper = ring.peer(2);
      assertThat(add(handle, sleeper, 40)).isEqualTo("State1[n=40]");
      ring.leave(sleeper);
      get(handle.update(version(2), options));
      assertThat(add(handle, ring.peer(1), 5)).isEqualTo("State2 with Item[amount=5]");
      get(handle.update(version(3), options));
      Peer back =
          ring.start(settings -> settings.dataDirectory(ring.directory().resolve("peer-2")));
      await()
          .untilAsserted(
              () ->
                  assertThat(get(handle.status()).peers())
                      .hasSize(3)
                      .allSatisfy(on -> assertThat(on.version()).isEqualTo("3")));
      assertThat(add(handle, back, 2)).isEqualTo("State3[items=[Item[amount=42]]]");
      assertThat(add(handle, ring.peer(1), 1)).isEqualTo("State3[items=[Item[amount=6]]]");
    }
  }

  @Test
  void acceptance6_aFailingUpgradeStateLeavesVersion1AndMessagesGoOn() {
    try (TestRing ring = TestRing.of(3)) {
      InstallOptions options = InstallOptions.named("tally");
      ServiceHandle handle = get(ring.peer(0).install(version(1), options));
      Peer peer = ring.peer(1);
      CompletableFuture<?> refused =
          handle.update(
              Archives.of(
                  MAKER.formatted(
                      2,
                      "Item item",
                      "new Item(0)",
                      ".upgradeFrom(1, old -> { throw new IllegalStateException(\"no way\"); })",
                      "state.item()")),
              options);
      List<CompletableFuture<String>> calls = new ArrayList<>();
      while (!refused.isDone() || calls.size() < 500) {
        CompletableFuture<String> call =
            handle
                .peer(peer.peerId())
                .rpc(Payload.tree(Map.of("type", "Add", "by", 1L)), String.class);
        calls.add(call);
        if (calls.size() % 100 == 0) {
          get(call);
        }
      }
      assertThat(failure(refused).code()).isEqualTo(ErrorCode.MIGRATION_FAILED);
      calls.forEach(TestRing::get);
      assertThat(add(handle, peer, 1)).isEqualTo("State1[n=" + (calls.size() + 1) + "]");
      assertThat(get(handle.status()).peers())
          .allSatisfy(on -> assertThat(on.version()).isEqualTo("1"));
    }
  }
}
