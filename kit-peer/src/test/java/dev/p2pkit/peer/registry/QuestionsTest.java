// Whoever asks without end is told a bounded amount; others are answered all the same.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.SimulationObserver;
import dev.p2pkit.peer.registry.RegistryMessage.Buckets;
import dev.p2pkit.peer.registry.RegistryMessage.Digest;
import dev.p2pkit.peer.registry.RegistryMessage.Health;
import dev.p2pkit.peer.registry.RegistryMessage.Inventory;
import dev.p2pkit.peer.registry.RegistryMessage.Pull;
import dev.p2pkit.peer.registry.RegistryMessage.Records;
import dev.p2pkit.peer.registry.RegistryMessage.StatusRequest;
import dev.p2pkit.peer.registry.RegistryMessage.Want;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.ServiceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuestionsTest {
  private static final Archive V1 = archive(1, 10_000);
  private static final int ASKED = 20_000;
  private static final int AT_ONCE = Questions.KIB_AT_ONCE / Questions.LEAST_KIB;

  private final World world = new World(61).ring(3);
  private final Node victim = world.nodes.get(0);
  private final Node asks = world.nodes.get(1);
  private int frames;

  private void watch() {
    world.simulation.observe(
        new SimulationObserver() {
          @Override
          public void sent(
              SimulatedPeer from, PeerRef to, WireCodec codec, int type, WireMessage message) {
            // The health of roll-outs comes behind all records, in a frame of its own.
            if (from == victim.peer
                && to.id().equals(asks.peer.id())
                && !(message instanceof Health)) {
              frames++;
            }
          }
        });
  }

  private ServiceRecord publish(String name) {
    ServiceRecord record = world.sign(victim, OWNER, name, edition(V1, "1"));
    victim.publish(record, V1);
    world.run(Duration.ofSeconds(5));
    return record;
  }

  private void ask(WireMessage question, int times) {
    PeerRef from = asks.peer.ref();
    victim.peer.run(
        now -> {
          for (int i = 0; i < times; i++) {
            victim.registry.onMessage(now, from, question);
          }
        });
  }

  private long unanswered() {
    return victim.registry.statistics().refused().getOrDefault("asked", 0L);
  }

  private long peersSeenBy(Node node) {
    AtomicReference<List<ServiceStatus>> found = new AtomicReference<>();
    node.peer.run(
        now ->
            node.registry.statuses(
                now,
                Optional.of("counter"),
                now + 3_000_000,
                (then, statuses) -> found.set(statuses)));
    world.simulation.runUntil(() -> found.get() != null, Duration.ofSeconds(4));
    return found.get().get(0).peers().size();
  }

  static Stream<WireMessage> questions() {
    return Stream.of(
        new StatusRequest(7, ""),
        new StatusRequest(7, "counter"),
        new Digest(1, 0),
        new Buckets(Collections.nCopies(Catalogue.BUCKETS, 1L)),
        new Inventory(3, -1, List.of()),
        new Pull(3, "counter"));
  }

  @ParameterizedTest
  @MethodSource("questions")
  void aPeerThatAsksWithoutEndIsAnsweredForAWhile(WireMessage question) {
    publish("counter");
    watch();
    ask(question, ASKED);
    assertThat(frames).isBetween(1, AT_ONCE);
    assertThat(unanswered()).isBetween((long) ASKED - AT_ONCE, (long) ASKED - frames + 1);

    assertThat(peersSeenBy(world.nodes.get(2))).as("another peer asks the same one").isEqualTo(3);
    // The allowance fills again.
    world.run(Duration.ofSeconds(30));
    int before = frames;
    ask(question, 1);
    assertThat(frames).isEqualTo(before + 1);
  }

  @Test
  void longAnswersUseTheAllowanceUpSooner() {
    ServiceRecord record = publish("counter");
    for (int i = 0; i < 200; i++) {
      publish("service-" + i);
    }
    watch();
    ask(new Inventory(3, -1, List.of()), AT_ONCE);
    int bytes = 200 * record.encoded().length;
    assertThat(frames)
        .isBetween(1, Questions.KIB_AT_ONCE / (Questions.LEAST_KIB + (bytes >> 10)) + 1);
  }

  @Test
  void namesThatClientsMakeUpKeepNoPeerFromComparingItsRecords() {
    publish("counter");
    List<AtomicReference<Result<Long>>> answers = new ArrayList<>();
    for (int second = 0; second < 60; second++) {
      for (int i = 0; i < 200; i++) {
        answers.add(asks.mention("made-up-" + second + "-" + i, 1, world.nodes.get(2)));
      }
      world.run(Duration.ofSeconds(1));
    }
    world.run(Duration.ofSeconds(5));
    assertThat(answers)
        .allSatisfy(
            answer ->
                assertThat(((Result.Failure<Long>) answer.get()).code())
                    .isIn(ErrorCode.NO_SUCH_SERVICE, ErrorCode.BUSY));
    assertThat(answers)
        .filteredOn(
            answer -> ((Result.Failure<Long>) answer.get()).code() == ErrorCode.NO_SUCH_SERVICE)
        .hasSizeBetween(Mentions.PULLS_AT_ONCE, 60 * 40 + Mentions.PULLS_AT_ONCE);
    assertThat(unanswered()).isZero();
    assertThat(peersSeenBy(asks)).isEqualTo(3);
  }

  @Test
  void outdatedRecordsAreAnsweredForAWhileOnly() {
    ServiceRecord first = publish("counter");
    ServiceRecord next = publish("counter");
    assertThat(next.epoch()).isGreaterThan(first.epoch());
    watch();
    ask(new Records(0, true, true, 0, List.of(first)), ASKED);
    assertThat(frames).isBetween(1, AT_ONCE);
    assertThat(unanswered()).isGreaterThanOrEqualTo(ASKED - AT_ONCE);
    ask(new Want(List.of(next.hash())), 1);
    assertThat(frames).as("is a question like others").isLessThanOrEqualTo(AT_ONCE);
  }
}
