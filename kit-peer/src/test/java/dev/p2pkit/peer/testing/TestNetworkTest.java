// The network for tests: who reaches whom, what is left after it, and what a failure says.
package dev.p2pkit.peer.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.p2pkit.peer.HeartbeatProfile;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.sdk.Delivery;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class TestNetworkTest {
  @Test
  @KitNetwork(peers = 4, heartbeat = HeartbeatProfile.FAST)
  void aCutMakesTwoNetworksAndHealingMakesOneAgain(TestNetwork network) {
    List<Peer> left = network.peers().subList(0, 2);
    List<Peer> right = network.peers().subList(2, 4);
    network.cut(left);
    network.awaitSettled();
    assertThat(network.peer(0).members()).hasSize(2);
    assertThat(network.peer(3).members()).hasSize(2);
    Peer here = left.get(0);
    Peer there = right.get(0);
    assertThatThrownBy(() -> network.get(here.info(there.peerId())))
        .isInstanceOfSatisfying(
            KitException.class,
            why -> assertThat(why.code().delivery()).isEqualTo(Delivery.NOT_DELIVERED));

    network.heal();
    network.awaitSettled();
    assertThat(network.get(here.info(there.peerId())).peer()).isEqualTo(there.peerId());
  }

  @Test
  void whomAPeerReachesByWayOfOthersIsOnItsSide() {
    List<PeerId> ids = LongStream.of(1, 2, 3).mapToObj(id -> new PeerId(Key.of(id))).toList();
    Cuts cuts = new Cuts();
    cuts.cut(ids.subList(0, 1), ids.subList(0, 2));
    assertThat(cuts.passes(ids.get(0), ids.get(1))).isFalse();
    assertThat(cuts.passes(ids.get(1), ids.get(0))).isFalse();
    assertThat(cuts.passes(ids.get(0), ids.get(0))).isTrue();
    assertThat(cuts.from(ids.get(0), ids)).containsExactly(ids.get(1));
    assertThat(cuts.side(ids.get(0), ids)).containsExactlyElementsOf(ids);
    cuts.cut(ids.subList(0, 1), ids.subList(2, 3));
    assertThat(cuts.side(ids.get(0), ids)).containsExactly(ids.get(0));
    assertThat(cuts.side(ids.get(1), ids)).containsExactly(ids.get(1), ids.get(2));
    cuts.heal();
    assertThat(cuts.from(ids.get(0), ids)).isEmpty();
  }

  @Test
  void aNetworkHasBounds() {
    assertThatThrownBy(() -> TestNetwork.start(TestNetwork.MOST_PEERS + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 64 peers");
    assertThatThrownBy(() -> TestNetwork.start(1, Duration.ofHours(1), HeartbeatProfile.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10 minutes");
  }

  // ---- as JUnit runs it

  /** Tests that are run by tests. */
  static final class Inner {
    private static final List<TestNetwork> SEEN = new CopyOnWriteArrayList<>();

    private Inner() {}

    @KitNetwork(peers = 1, limitSeconds = 20)
    static class Failing {
      @Test
      void fails(TestNetwork network) {
        SEEN.add(network);
        throw new AssertionError("as it must");
      }

      @Test
      void waitsInVain() {
        try (TestNetwork network = TestNetwork.start(1)) {
          network.await("never comes", () -> false, Duration.ofMillis(1));
        }
      }
    }

    @KitNetwork(peers = 1)
    static class Sharing {
      @BeforeAll
      static void first(TestNetwork network) {
        SEEN.add(network);
      }

      @Test
      void one(TestNetwork network) {
        SEEN.add(network);
      }

      @Test
      @KitNetwork(peers = 2)
      void other(TestNetwork network) {
        SEEN.add(network);
        assertThat(network.peers()).hasSize(2);
      }
    }

    static class Bare {
      @Test
      @ExtendWith(KitNetworkExtension.class)
      void hasNoAnnotation(TestNetwork network) {
        throw new AssertionError("not run");
      }
    }

    /** The failures of a class by the name of the test. */
    static Map<String, Throwable> run(Class<?> tests) {
      SEEN.clear();
      Map<String, Throwable> failures = new ConcurrentHashMap<>();
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(selectClass(tests))
              .filters(EngineFilter.includeEngines("junit-jupiter"))
              .build();
      LauncherFactory.create()
          .execute(
              request,
              new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                  result
                      .getThrowable()
                      .ifPresent(failure -> failures.put(test.getDisplayName(), failure));
                }
              });
      return failures;
    }
  }

  @Test
  void aFailureSaysWhatThePeersSayAndNothingIsLeftAfterIt() {
    Map<String, Throwable> failures = Inner.run(Inner.Failing.class);
    Throwable failure = failures.get("fails(TestNetwork)");
    assertThat(failure).hasMessage("as it must");
    assertThat(failure.getSuppressed()).hasSize(1);
    assertThat(failure.getSuppressed()[0])
        .hasMessageContaining(PeerReports.TITLE)
        .hasMessageContaining("runs no service");
    assertThat(failures.get("waitsInVain()"))
        .hasMessageContaining("it did not come about that never comes")
        .hasMessageContaining(PeerReports.TITLE);
    TestNetwork network = Inner.SEEN.get(0);
    assertThat(network.peers()).isEmpty();
    assertThat(network.ownerKey().getParent()).doesNotExist();
  }

  @Test
  void aClassSharesTheNetworkOfItsBeforeAllAndAMethodMayHaveItsOwn() {
    assertThat(Inner.run(Inner.Sharing.class)).isEmpty();
    assertThat(Inner.SEEN).hasSize(3);
    assertThat(Set.copyOf(Inner.SEEN)).hasSize(2);
    assertThat(Inner.SEEN).allSatisfy(closed -> assertThat(closed.peers()).isEmpty());
  }

  @Test
  void aMissingAnnotationIsNamed() {
    assertThat(Inner.run(Inner.Bare.class).get("hasNoAnnotation(TestNetwork)"))
        .hasMessageContaining("@KitNetwork");
  }
}
