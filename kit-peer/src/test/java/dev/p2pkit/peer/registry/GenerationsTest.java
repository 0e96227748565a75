// Rights that were handed on and revoked: what a former delegate signs never wins.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.Stages.FIRST;
import static dev.p2pkit.peer.registry.Stages.V1;
import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.Certificate;
import dev.p2pkit.client.record.Plan;
import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.client.record.Signer;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.sdk.Archive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GenerationsTest {
  private static final Archive DELEGATED = archive(11, 2_000);
  private static final Archive LATE = archive(12, 2_000);
  private static final Archive FINAL = archive(13, 2_000);

  @Test
  void aRevokedDelegatesLaterEpochNeverWinsInWhateverOrderRecordsArrive() {
    for (int seed = 0; seed < 6; seed++) {
      World world = new World(50 + seed).ring(8);
      world.broadcastLoss = 1;
      long wall = world.wall();
      ServiceRecord first = ServiceRecord.first(OWNER, "counter", "1", FIRST, wall);
      Certificate right =
          Certificate.issue(
              OWNER,
              "counter",
              "1",
              OTHER.publicHex(),
              Set.of(Certificate.Power.UPGRADE),
              0,
              wall / 1_000 + 3_600);
      Signer delegate = new Signer(OTHER, OWNER.publicHex(), List.of(right));
      ServiceRecord delegated =
          first.next(delegate, edition(DELEGATED, "2"), Plan.AT_ONCE, wall + 1_000);
      ServiceRecord revoked = delegated.revoking(OWNER, wall + 2_000);
      // The delegate goes on from what was in force before it lost its right, far ahead.
      ServiceRecord late = delegated;
      for (int i = 0; i < 5; i++) {
        late = late.next(delegate, edition(LATE, "bad-" + i), Plan.AT_ONCE, wall + 3_000 + i);
      }
      ServiceRecord last = revoked.next(OWNER, edition(FINAL, "3"), wall + 4_000);
      assertThat(late.epoch()).isGreaterThan(last.epoch());
      assertThat(late.signatureValid()).isTrue();

      List<ServiceRecord> records = new ArrayList<>(List.of(first, delegated, revoked, late, last));
      world.nodes.forEach(
          node -> {
            node.archives.put(V1);
            node.archives.put(DELEGATED);
            node.archives.put(LATE);
            node.archives.put(FINAL);
          });
      Random order = new Random(seed);
      for (Node node : world.nodes) {
        Collections.shuffle(records, order);
        // Each peer has heard of some of them; together they know all.
        List<ServiceRecord> some = records.subList(0, 2 + order.nextInt(4));
        for (ServiceRecord record : List.copyOf(some)) {
          node.peer.run(now -> node.registry.publish(now, record));
          world.run(Duration.ofMillis(order.nextInt(300)));
        }
      }
      Node any = world.nodes.get(0);
      any.peer.run(now -> any.registry.publish(now, last));
      world.run(Duration.ofSeconds(60));

      assertThat(world.nodes)
          .describedAs("seed %d", seed)
          .allMatch(node -> node.deployment.running.get("counter/1").archive().equals(FINAL.hash()))
          .allMatch(node -> node.registry.current("counter", "1").orElseThrow().equals(last));
    }
  }
}
