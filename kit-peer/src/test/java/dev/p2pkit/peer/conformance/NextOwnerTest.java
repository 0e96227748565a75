// A message by key that must take effect once, while its key gets another owner.
package dev.p2pkit.peer.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.KitNetwork;
import dev.p2pkit.peer.testing.TestNetwork;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KitNetwork(peers = 3, heartbeat = HeartbeatProfile.FAST)
@SuppressWarnings("unchecked") // a class cannot name the types of elements
class NextOwnerTest {
  private static final SendOptions ONCE = SendOptions.within(Duration.ofMinutes(2)).once();
  private static final int MAILBOX = 8;
  private static final String BEGUN = "p2pkit.test.next-owner.begun";
  private static final String END = "p2pkit.test.next-owner.end";

  /**
   * Counts, and says who has counted; a turn of {@code Add} on that peer waits until it may end.
   */
  private static final String SOURCE =
      """
      @KitService(name = "owned", version = "1", state = Maker.Sum.class,
          durability = Durability.JOURNAL, turnMillis = 60_000,
          mailboxMessages = ROOM)
      public final class Maker implements ServiceMaker {
        public record Sum(long count) {}
        public record Add(String waitsOn) {}
        public record Get(boolean total) {}
        public record Fill(boolean forGood) {}
        @Override public ServiceDescriptor make(PeerContext peer) {
          String self = peer.peerId().toString();
          return ServiceDescriptor.stateful(Sum.class)
              .initialState(() -> new Sum(0))
              .on(Add.class, (add, sum, context) -> {
                if (add.waitsOn().equals(self)) {
                  ((CountDownLatch) System.getProperties().get("BEGUN")).countDown();
                  ((CountDownLatch) System.getProperties().get("END")).await();
                }
                context.reply(List.of(self, sum.count() + 1));
                return new Sum(sum.count() + 1);
              })
              .on(Fill.class, (fill, sum, context) -> {
                context.defer();
                return sum;
              })
              .on(Get.class, (get, sum, context) -> {
                context.reply(List.of(self, sum.count()));
                return sum;
              })
              .build();
        }
      }
      """
          .replace("BEGUN", BEGUN)
          .replace("END", END)
          .replace("ROOM", String.valueOf(MAILBOX));

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);

  /** The service's classes are not the test's: they meet in the JVM's properties. */
  @BeforeEach
  void share() {
    System.getProperties().put(BEGUN, begun);
    System.getProperties().put(END, end);
  }

  @AfterEach
  void clear() {
    end.countDown();
    System.getProperties().remove(BEGUN);
    System.getProperties().remove(END);
  }

  private static CompletableFuture<List<Object>> add(ServiceHandle owned, Key key, String waitsOn) {
    Payload message = Payload.tree(Map.of("type", "Add", "waitsOn", waitsOn));
    return owned.key(key).rpc(message, List.class, ONCE).thenApply(answer -> (List<Object>) answer);
  }

  private static long count(TestNetwork network, ServiceHandle owned, Peer peer) {
    Payload message = Payload.tree(Map.of("type", "Get", "total", true));
    return (long) network.get(owned.peer(peer.peerId()).rpc(message, List.class)).get(1);
  }

  /** Who gets the keys of a peer that is gone: the peer after it. */
  private static Peer next(TestNetwork network, PeerId gone) {
    List<Peer> others =
        network.peers().stream()
            .filter(peer -> !peer.peerId().equals(gone))
            .sorted(Comparator.comparing(Peer::peerId))
            .toList();
    return others.stream()
        .filter(peer -> peer.peerId().compareTo(gone) > 0)
        .findFirst()
        .orElse(others.get(0));
  }

  @Test
  void whatMayHaveReachedTheOwnerIsNotTakenByTheNextOne(TestNetwork network) throws Exception {
    ServiceHandle owned = network.install(Archives.of(SOURCE), "owned");
    Peer owner = network.peer(1);
    Key key = owner.peerId().position();
    Peer next = next(network, owner.peerId());
    var call = add(owned, key, owner.peerId().toString());
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

    network.cut(List.of(owner));
    network.awaitSettled();
    long before = next.info().statistics().dataMessagesLocal();
    network.await(
        "copies reach the next owner",
        () -> call.isDone() || next.info().statistics().dataMessagesLocal() > before + 2);
    assertThat(call).isNotDone();
    assertThat(count(network, owned, next)).isZero();

    end.countDown();
    network.heal();
    network.awaitSettled();
    assertThat(network.get(call)).containsExactly(owner.peerId().toString(), 1L);
    assertThat(count(network, owned, owner)).isEqualTo(1);
    assertThat(count(network, owned, next)).isZero();
  }

  @Test
  void itIsUncertainIfTheOwnerDoesNotComeBack(TestNetwork network) throws Exception {
    ServiceHandle owned = network.install(Archives.of(SOURCE), "owned");
    Peer owner = network.peer(1);
    Peer next = next(network, owner.peerId());
    Payload message = Payload.tree(Map.of("type", "Add", "waitsOn", owner.peerId().toString()));
    var call =
        owned
            .key(owner.peerId().position())
            .rpc(message, List.class, SendOptions.within(Duration.ofSeconds(3)).once());
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    network.cut(List.of(owner));
    KitException why = TestRing.failure(call);
    assertThat(why.code().delivery()).as(why.toString()).isEqualTo(Delivery.UNKNOWN);
    network.awaitSettled();
    assertThat(count(network, owned, next)).isZero();
  }

  @Test
  void whatTheOwnerHasRefusedIsTakenByTheNextOne(TestNetwork network) {
    ServiceHandle owned = network.install(Archives.of(SOURCE), "owned");
    Peer owner = network.peer(1);
    Peer next = next(network, owner.peerId());
    fillMailbox(owned, owner);
    long before = owner.info().statistics().dataMessagesLocal();
    var call = add(owned, owner.peerId().position(), "");
    network.await(
        "copies are refused by the owner",
        () -> call.isDone() || owner.info().statistics().dataMessagesLocal() > before + 2);
    assertThat(call).isNotDone();

    network.leave(owner);
    assertThat(network.get(call)).containsExactly(next.peerId().toString(), 1L);
    assertThat(count(network, owned, next)).isEqualTo(1);
  }

  /** Until the peer has no room for another message, and never gets any. */
  private static void fillMailbox(ServiceHandle owned, Peer peer) {
    SendOptions options = SendOptions.DEFAULT.ack(Ack.ENQUEUED);
    Payload message = Payload.tree(Map.of("type", "Fill", "forGood", true));
    for (int i = 0; i < MAILBOX; i++) {
      TestRing.get(owned.peer(peer.peerId()).send(message, options));
    }
    TestRing.await()
        .untilAsserted(
            () ->
                assertThat(
                        TestRing.failure(owned.peer(peer.peerId()).send(message, options)).code())
                    .isEqualTo(ErrorCode.MAILBOX_FULL));
  }
}
