// The network's naming policy: whose a name is, in whatever order records and words arrive.
package dev.p2pkit.peer.registry;

import static dev.p2pkit.peer.registry.World.OTHER;
import static dev.p2pkit.peer.registry.World.OWNER;
import static dev.p2pkit.peer.registry.World.archive;
import static dev.p2pkit.peer.registry.World.edition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.peer.audit.AuditEntry;
import dev.p2pkit.peer.registry.World.Node;
import dev.p2pkit.peer.registry.timing.Result;
import dev.p2pkit.peer.trust.TrustNotice;
import dev.p2pkit.peer.trust.TrustRules;
import dev.p2pkit.peer.trust.Words;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.NetworkEvent;
import dev.p2pkit.sdk.UpdateReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class NamingPolicyTest {
  private static final Archive V1 = archive(1, 10_000);
  private static final Archive V2 = archive(2, 10_000);
  private static final String SECOND = "counter@" + OWNER.fingerprint();

  private final Words words = new Words(World.WALL_START);

  private static void govern(Node node, TrustNotice... notices) {
    TrustRules rules = TrustRules.of(List.of(notices));
    node.peer.run(now -> node.registry.govern(now, rules));
  }

  private static void hear(Node node, ServiceRecord record) {
    node.archives.put(V1);
    node.archives.put(V2);
    node.peer.run(now -> node.registry.onBroadcast(now, node.peer.ref(), record.encoded()));
  }

  private static Optional<String> ownerAt(Node node, String accessPoint) {
    return Optional.ofNullable(node.deployment.running.get(accessPoint + "/1"))
        .map(it -> it.record().owner());
  }

  @Test
  void theHolderHasTheNameWhateverComesFirst() {
    World world = new World(60);
    ServiceRecord claimed =
        ServiceRecord.first(OWNER, "counter", "1", edition(V1, "1"), World.WALL_START);
    ServiceRecord holders =
        ServiceRecord.first(OTHER, "counter", "1", edition(V2, "1"), World.WALL_START + 1);
    // A stranger's epochs do not count.
    for (int i = 0; i < 5; i++) {
      claimed = claimed.next(OWNER, edition(V1, "1"), World.WALL_START + i);
    }
    ServiceRecord high = claimed;
    TrustNotice word = words.name("counter", OTHER);
    List<Consumer<Node>> steps =
        List.of(node -> hear(node, high), node -> hear(node, holders), node -> govern(node, word));
    List<List<Consumer<Node>>> orders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        if (i != j) {
          orders.add(List.of(steps.get(i), steps.get(j), steps.get(3 - i - j)));
        }
      }
    }
    for (int i = 0; i < orders.size(); i++) {
      Node node = world.add("alone-" + i);
      node.joined = true;
      node.side = i;
    }
    world.views();
    world.run(Duration.ofSeconds(3));
    for (int step = 0; step < 3; step++) {
      for (int i = 0; i < orders.size(); i++) {
        orders.get(i).get(step).accept(world.nodes.get(i));
      }
      world.run(Duration.ofSeconds(5));
    }
    for (Node node : world.nodes) {
      assertThat(ownerAt(node, "counter")).contains(OTHER.publicHex());
      assertThat(ownerAt(node, SECOND)).contains(OWNER.publicHex());
      assertThat(node.events).contains(new NetworkEvent.NameLost("counter", SECOND));
    }
  }

  @Test
  void aPolicyThatChangesWhileServicesRunMovesThemEverywhere() {
    World world = new World(61).ring(6);
    Node node = world.nodes.get(2);
    world.installed(node, world.sign(node, OWNER, "counter", edition(V1, "1")), V1);
    TrustNotice word = words.name("count*", OTHER);
    world.nodes.forEach(each -> govern(each, word));
    world.run(Duration.ofSeconds(5));
    ServiceRecord theirs =
        ServiceRecord.first(OTHER, "counter", "1", edition(V2, "1"), world.wall());
    assertThat(world.installed(node, theirs, V2)).isInstanceOf(Result.Value.class);
    world.run(Duration.ofSeconds(5));
    for (Node each : world.nodes) {
      assertThat(ownerAt(each, "counter")).contains(OTHER.publicHex());
      assertThat(ownerAt(each, SECOND)).contains(OWNER.publicHex());
      // It moved with what it held and was not started anew.
      assertThat(each.deployment.history).noneMatch(entry -> entry.startsWith(SECOND));
    }
    // The one who had it may go on with its own, where it is now.
    ServiceRecord next =
        node.registry
            .current(SECOND, "1")
            .orElseThrow()
            .next(OWNER, edition(V2, "2"), world.wall());
    assertThat(world.installed(node, next, V2)).isInstanceOf(Result.Value.class);
    TrustNotice freed = words.free("count*");
    world.nodes.forEach(each -> govern(each, word, freed));
    world.run(Duration.ofSeconds(5));
    for (Node each : world.nodes) {
      assertThat(ownerAt(each, "counter")).contains(OWNER.publicHex());
      assertThat(ownerAt(each, "counter@" + OTHER.fingerprint())).contains(OTHER.publicHex());
    }
  }

  @Test
  void anotherThanTheHolderIsRefusedAndGetsOnlyTheLongNameBehindItsBack() {
    World world = new World(62).ring(4);
    world.nodes.forEach(each -> govern(each, words.name("acme.*", OTHER)));
    Node node = world.nodes.get(1);
    ServiceRecord record = world.sign(node, OWNER, "acme.counter", edition(V1, "1"));
    Result<UpdateReport> result = world.installed(node, record, V1);
    assertThat(result).isInstanceOf(Result.Failure.class);
    Result.Failure<UpdateReport> failure = (Result.Failure<UpdateReport>) result;
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHORISED);
    assertThat(failure.detail())
        .contains("naming policy")
        .contains(OTHER.fingerprint())
        .contains("--owner-key");
    assertThat(world.nodes)
        .anySatisfy(
            each -> {
              assertThat(each.registry.statistics().refused()).containsKey("name");
              assertThat(each.audit)
                  .anySatisfy(
                      line -> {
                        assertThat(line.what()).isEqualTo(AuditEntry.What.REFUSAL);
                        assertThat(line.refused()).contains(ErrorCode.UNAUTHORISED);
                      });
            });
    node.archives.put(V1);
    node.peer.run(now -> node.registry.publish(now, record));
    world.run(Duration.ofSeconds(10));
    assertThat(world.running("acme.counter/1", 1)).isZero();
    assertThat(world.running("acme.counter@" + OWNER.fingerprint() + "/1", 1)).isEqualTo(4);
    // What is made of its own key is no matter of policy.
    world.nodes.forEach(each -> govern(each, words.name("*", OTHER)));
    ServiceRecord fresh = world.sign(node, OWNER, OWNER.freshName(), edition(V1, "1"));
    assertThat(world.installed(node, fresh, V1)).isInstanceOf(Result.Value.class);
    assertThat(world.running(OWNER.freshName() + "/1", 1)).isEqualTo(4);
  }
}
