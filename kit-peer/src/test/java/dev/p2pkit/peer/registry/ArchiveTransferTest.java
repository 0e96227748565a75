// Fetching archives: from whom, how much at once, and what can go wrong.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.archive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.client.record.Chunks;
import dev.p2pkit.client.record.Edition;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireException;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.simulator.NetworkConditions;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.archive.ArchiveCodec;
import dev.p2pkit.peer.registry.archive.ArchiveMessage;
import dev.p2pkit.peer.registry.archive.TransferConfig;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ArchiveTransferTest {
  private static final Archive LARGE = archive(5, 4_000_000);
  private static final Edition EDITION = World.edition(LARGE, "1");

  private static AtomicReference<Result<String>> fetch(
      Node node, Edition edition, List<Node> holders, int seconds) {
    AtomicReference<Result<String>> outcome = new AtomicReference<>();
    List<PeerRef> peers = holders.stream().map(holder -> holder.peer.ref()).toList();
    node.peer.run(
        now ->
            node.transfer.fetch(
                now,
                edition,
                Key.ZERO,
                peers,
                now + seconds * 1_000_000L,
                (then, result) -> outcome.set(result)));
    return outcome;
  }

  /** A ring whose first peers have the archive and give it to anybody. */
  private static World ring(long seed, int peers, int holders) {
    World world = new World(seed).ring(peers);
    for (Node node : world.nodes.subList(0, holders)) {
      node.archives.put(LARGE);
      node.transfer.serveIf((hash, grant) -> true);
    }
    return world;
  }

  @Test
  void severalHoldersShareTheWork() {
    World world = ring(1, 6, 4);
    Node node = world.nodes.get(5);
    AtomicReference<Result<String>> outcome = fetch(node, EDITION, world.nodes.subList(0, 4), 60);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(60));

    assertThat(outcome.get()).isEqualTo(new Result.Value<>(LARGE.hash()));
    assertThat(node.archives.archives.get(LARGE.hash())).isEqualTo(LARGE.content());
    assertThat(node.archives.writes).isEqualTo(Chunks.count(LARGE.length()));
    for (Node holder : world.nodes.subList(0, 4)) {
      assertThat(holder.transfer.statistics().chunksServed()).isGreaterThan(5);
    }
  }

  @Test
  void lossBrokenLinksAndADyingHolderOnlyCostTime() {
    World world = ring(2, 6, 3);
    world.simulation.conditions(
        NetworkConditions.DEFAULT.withLoss(0.02).withLinkLoss(0.01).withCodecShare(0.2));
    Node node = world.nodes.get(5);
    AtomicReference<Result<String>> outcome = fetch(node, EDITION, world.nodes.subList(0, 3), 300);
    world.run(Duration.ofMillis(200));
    world.nodes.get(0).peer.kill();
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofMinutes(5));
    assertThat(outcome.get()).isEqualTo(new Result.Value<>(LARGE.hash()));
  }

  @Test
  void whenTheNamedHoldersHaveNothingOthersAreAsked() {
    World world = ring(3, 8, 2);
    AtomicReference<Result<String>> outcome =
        fetch(world.nodes.get(7), EDITION, world.nodes.subList(3, 5), 60);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(60));
    assertThat(outcome.get()).isEqualTo(new Result.Value<>(LARGE.hash()));
  }

  @Test
  void twoFetchesOfOneArchiveAreOne() {
    World world = ring(4, 4, 1);
    Node node = world.nodes.get(3);
    AtomicReference<Result<String>> one = fetch(node, EDITION, world.nodes.subList(0, 1), 60);
    AtomicReference<Result<String>> other = fetch(node, EDITION, world.nodes.subList(0, 1), 60);
    world.simulation.runUntil(
        () -> one.get() != null && other.get() != null, Duration.ofSeconds(60));
    assertThat(one.get()).isEqualTo(other.get()).isInstanceOf(Result.Value.class);
    assertThat(node.transfer.statistics().fetched()).isEqualTo(1);
    assertThat(node.archives.writes).isEqualTo(Chunks.count(LARGE.length()));
  }

  @Test
  void chunksThatDoNotMakeUpTheArchiveAreABadArchive() {
    World world = new World(5).ring(3);
    Archive served = archive(9, 100_000);
    Edition lying =
        new Edition(
            LARGE.hash(), served.length(), Chunks.hashes(served.content()), "1", true, true, false);
    Node holder = world.nodes.get(0);
    // The holder serves the bytes under the wrong name, as a liar would.
    holder.archives.archives.put(LARGE.hash(), served.content());
    holder.transfer.serveIf((hash, grant) -> true);
    AtomicReference<Result<String>> outcome = fetch(world.nodes.get(2), lying, List.of(holder), 30);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(31));
    assertThat(((Result.Failure<String>) outcome.get()).code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
    assertThat(world.nodes.get(2).archives.has(LARGE.hash())).isFalse();
  }

  @Test
  void nobodyHasItUntilTheDeadline() {
    World world = new World(6).ring(3);
    AtomicReference<Result<String>> outcome =
        fetch(world.nodes.get(2), EDITION, world.nodes.subList(0, 2), 5);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(6));
    assertThat(((Result.Failure<String>) outcome.get()).code()).isEqualTo(ErrorCode.NO_ROUTE);
  }

  @Test
  void aDamagedArchiveIsFetchedAgain() {
    World world = ring(7, 3, 1);
    Node node = world.nodes.get(2);
    node.archives.archives.put(LARGE.hash(), new byte[LARGE.length()]);
    AtomicReference<Result<String>> outcome = fetch(node, EDITION, world.nodes.subList(0, 1), 60);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(60));
    assertThat(outcome.get()).isEqualTo(new Result.Value<>(LARGE.hash()));
    assertThat(node.archives.archives.get(LARGE.hash())).isEqualTo(LARGE.content());
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    List<Long> traces = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      World world = ring(8, 6, 3);
      world.simulation.conditions(NetworkConditions.DEFAULT.withLoss(0.05));
      AtomicReference<Result<String>> outcome =
          fetch(world.nodes.get(5), EDITION, world.nodes.subList(0, 3), 60);
      world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(60));
      traces.add(world.simulation.traceHash());
    }
    assertThat(traces.get(0)).isEqualTo(traces.get(1));
  }

  @Test
  void aPeerThatAsksWithoutEndLeavesTheOthersTheirShare() {
    World world = ring(10, 4, 1);
    Node holder = world.nodes.get(0);
    int serving = TransferConfig.DEFAULT.serving();
    List<Node> asking = new ArrayList<>(Collections.nCopies(1_000, world.nodes.get(1)));
    asking.addAll(Collections.nCopies(10, world.nodes.get(2)));
    holder.peer.run(
        now -> {
          for (int i = 0; i < asking.size(); i++) {
            holder.transfer.onMessage(
                now,
                asking.get(i).peer.ref(),
                new ArchiveMessage.ChunkRequest(i + 1, LARGE.hash(), 0, Key.ZERO));
          }
        });
    world.run(Duration.ofSeconds(1));
    assertThat(holder.transfer.statistics().chunksServed()).isEqualTo(serving / 2 + 10);
    assertThat(holder.transfer.statistics().refusals()).isEqualTo(1_000 - serving / 2);
    // What was served is forgotten: it may ask again.
    AtomicReference<Result<String>> outcome =
        fetch(world.nodes.get(1), EDITION, List.of(holder), 60);
    world.simulation.runUntil(() -> outcome.get() != null, Duration.ofSeconds(60));
    assertThat(outcome.get()).isEqualTo(new Result.Value<>(LARGE.hash()));
  }

  @Test
  void randomFramesAreReadOrRefused() {
    ArchiveCodec codec = new ArchiveCodec();
    Random random = new Random(9);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(90)];
      random.nextBytes(bytes);
      int type = codec.firstType() + random.nextInt(4);
      try {
        codec.decode(type, new WireReader(bytes));
      } catch (WireException expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      }
    }
    assertThatThrownBy(() -> codec.decode(codec.firstType(), new WireReader(new byte[60])))
        .isInstanceOf(WireException.class);
  }
}
