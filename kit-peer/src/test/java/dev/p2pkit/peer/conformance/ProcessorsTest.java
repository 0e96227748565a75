// The founding API's rows on what a processor does with its messages: each test is one row.
package dev.p2pkit.peer.conformance;

import static dev.p2pkit.peer.conformance.TestRing.await;
import static dev.p2pkit.peer.conformance.TestRing.failure;
import static dev.p2pkit.peer.conformance.TestRing.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("unchecked") // a class cannot name the types of elements
class ProcessorsTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static TestRing ring;

  @BeforeAll
  static void start() {
    ring = TestRing.of(4);
  }

  @AfterAll
  static void stop() {
    ring.close();
  }

  private static InstallOptions fresh(String prefix) {
    return InstallOptions.named(prefix + NAMES.incrementAndGet());
  }

  /** Installs a service from the source of its maker, by the first peer. */
  private static ServiceHandle install(InstallOptions options, String maker) {
    return get(ring.peer(0).install(Archives.of(maker), options));
  }

  @Test
  void pushMessages_putsMessagesAtTheFrontOfTheOwnMailbox() {
    // Holds a and b back until c has come, then pushes them: c, a, b, and d after them.
    InstallOptions options = fresh("pushing");
    ServiceHandle handle =
        install(
            options,
            """
                        @KitService(name = "pushing", version = "1")
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            List<Message> held = new ArrayList<>();
                            List<String> order = new ArrayList<>();
                            boolean[] open = {false};
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  if (text.equals("order")) { context.reply(List.copyOf(order)); return; }
                                  if (!open[0] && !text.equals("c")) { held.add(context.message()); return; }
                                  order.add(text);
                                  if (text.equals("c")) { open[0] = true; context.pushMessages(List.copyOf(held)); }
                                })
                                .build();
                          }
                        }
                        """);
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    for (String text : List.of("a", "b", "c", "d")) {
      target.send(text);
    }
    await()
        .untilAsserted(
            () ->
                assertThat(get(target.rpc("order", List.class)))
                    .isEqualTo(List.of("c", "a", "b", "d")));
  }

  @Test
  void processor_thatThrowsAnswersWithACodeAndKeepsItsState() {
    InstallOptions options = fresh("throwing");
    ServiceHandle handle =
        install(
            options,
            """
                        @KitService(name = "throwing", version = "1", state = Maker.Count.class)
                        public final class Maker implements ServiceMaker {
                          public record Count(long n) {}
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateful(Count.class)
                                .initialState(() -> new Count(0))
                                .on(String.class, (text, count, context) -> {
                                  if (text.equals("boom")) { throw new IllegalStateException("boom it is"); }
                                  context.reply(count.n() + 1);
                                  return new Count(count.n() + 1);
                                })
                                .build();
                          }
                        }
                        """);
    ServiceHandle.Target target = handle.peer(ring.peer(1).peerId());
    assertThat(get(target.rpc("ok", Long.class))).isEqualTo(1L);
    KitException failure = failure(target.rpc("boom", Long.class));
    assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_CRASHED);
    assertThat(failure.detail()).contains("boom it is");
    assertThat(get(target.rpc("ok", Long.class))).isEqualTo(2L);
  }

  @Test
  void messagesThatNobodyWaitsFor_areTriedThreeTimesAndSetAside() {
    InstallOptions options = fresh("hopeless");
    ServiceHandle handle =
        install(
            options,
            """
                        @KitService(name = "hopeless", version = "1")
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  throw new IllegalStateException(text);
                                })
                                .build();
                          }
                        }
                        """);
    Peer target = ring.peer(2);
    long crashes = target.serviceStatistics().crashes();
    long dead = target.serviceStatistics().deadLetters();
    SendOptions early = SendOptions.DEFAULT.ack(Ack.ENQUEUED);
    assertThat(get(handle.peer(target.peerId()).send("enqueued", early)).ack())
        .isEqualTo(Ack.ENQUEUED);
    await()
        .untilAsserted(
            () -> assertThat(target.serviceStatistics().deadLetters()).isEqualTo(dead + 1));
    assertThat(target.serviceStatistics().crashes()).isEqualTo(crashes + 3);
    List<Long> before =
        ring.peers().stream().map(peer -> peer.serviceStatistics().deadLetters()).toList();
    assertThat(get(handle.broadcast("to all")).refused()).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(
                        ring.peers().stream().map(peer -> peer.serviceStatistics().deadLetters()))
                    .containsExactlyElementsOf(before.stream().map(count -> count + 1).toList()));
  }

  @Test
  void processor_thatNeverReturnsIsFencedAndItsCallerGetsACode() {
    InstallOptions options = fresh("stuck");
    ServiceHandle handle =
        install(
            options,
            """
                        @KitService(name = "stuck", version = "1", turnMillis = 300)
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> {
                                  if (text.equals("stick")) { new CountDownLatch(1).await(); }
                                  context.reply(text);
                                })
                                .build();
                          }
                        }
                        """);
    ServiceHandle.Target target = handle.peer(ring.peer(2).peerId());
    assertThat(failure(target.rpc("stick", String.class)).code())
        .isIn(ErrorCode.DELIVERY_UNKNOWN, ErrorCode.SERVICE_CRASHED);
    assertThat(get(target.rpc("go on", String.class))).isEqualTo("go on");
  }

  @Test
  void processor_onTheEventLoopThatABroadcastStopsTakesNothingElseWithIt() {
    InstallOptions options = fresh("stuck-loop");
    ServiceHandle stuck =
        install(
            options,
            """
                        @KitService(name = "stuck-loop", version = "1", turnMillis = 300,
                            execution = Execution.EVENT_LOOP)
                        public final class Maker implements ServiceMaker {
                          @Override public ServiceDescriptor make(PeerContext peer) {
                            return ServiceDescriptor.stateless()
                                .on(String.class, (text, context) -> new CountDownLatch(1).await())
                                .build();
                          }
                        }
                        """);
    InstallOptions other = fresh("beside-it");
    ServiceHandle beside = get(ring.peer(0).install(Archives.echo("1", "alive"), other));
    assertThat(get(stuck.broadcast("stick")).reached()).isEqualTo(4);
    for (Peer peer : ring.peers()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(failure(stuck.peer(peer.peerId()).rpc("?", String.class)).code())
                      .isEqualTo(ErrorCode.SERVICE_CRASHED));
      assertThat(get(beside.peer(peer.peerId()).rpc("?", List.class)).get(0)).isEqualTo("alive");
    }
    ring.awaitClosed();
  }
}
