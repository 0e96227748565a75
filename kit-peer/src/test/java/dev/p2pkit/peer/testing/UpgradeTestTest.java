// Upgrades under load on a test network: good ones, bad ones, and those that must be found out.
package dev.p2pkit.peer.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.peer.testing.UpgradeTest.Ending;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.ServiceMaker;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import p2pkit.counting.Counting;

@KitNetwork(peers = 3)
class UpgradeTestTest {
  private static final Archive FIRST = archive("1", Counting.First.class, 1);

  private static TestNetwork network;

  @BeforeAll
  static void start(TestNetwork shared) {
    network = shared;
  }

  private static Archive archive(String version, Class<? extends ServiceMaker> maker, int schema) {
    return TestArchive.of("counting", version, maker)
        .state(Counting.Totals.class, schema)
        .with(Counting.Add.class, Counting.Read.class)
        .build();
  }

  private static UpgradeTest to(Class<? extends ServiceMaker> maker, String service) {
    return network
        .upgrade(FIRST, archive("2", maker, 2))
        .service(service)
        .call(number -> Map.of("by", number))
        .weight(number -> number)
        .counted(peer -> peer.rpc(Map.of("reason", "test"), Long.class))
        .answeredBy(List.class, reply -> String.valueOf(reply.get(0)))
        .around(30);
  }

  @Test
  void aGoodUpgradeCountsEachCallOnceAndBothVersionsAnswer() {
    UpgradeResult result = to(Counting.Second.class, "good").run();
    assertThat(result.countedOnce()).isTrue();
    assertThat(result.failures()).isEmpty();
    assertThat(result.answers()).containsOnlyKeys("1", "2");
    assertThat(result.acknowledged()).isGreaterThanOrEqualTo(2 * 3 * 30);
    assertThat(Set.copyOf(result.versions().values())).containsExactly("2");
    assertThat(result.versions()).hasSize(3);
  }

  @Test
  void aStateThatForgetsCallsIsFoundOut() {
    assertThatThrownBy(to(Counting.Forgetful.class, "forgetful")::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not every acknowledged call was counted once")
        .hasMessageContaining("lost=300")
        .hasMessageContaining(PeerReports.TITLE)
        .hasMessageContaining("forgetful 1: ACTIVE, epoch 2, version 2")
        .hasMessageContaining("\"what\":\"upgrade\"");
  }

  @Test
  void anUpgradeThatIsRefusedChangesNothing() {
    UpgradeResult result = to(Counting.Refusing.class, "refusing").ends(Ending.REFUSED).run();
    assertThat(result.refusal().map(KitException::code)).contains(ErrorCode.MIGRATION_FAILED);
    assertThat(result.answers()).containsOnlyKeys("1");
    assertThat(Set.copyOf(result.versions().values())).containsExactly("1");
  }

  @Test
  void aVersionThatCrashesGivesCodesAndGoesBack() {
    UpgradeResult result =
        to(Counting.Crashing.class, "crashing")
            .ends(Ending.REVERTED)
            .mayFail(ErrorCode.SERVICE_CRASHED)
            .run();
    assertThat(result.failures()).containsOnlyKeys(ErrorCode.SERVICE_CRASHED);
    assertThat(Set.copyOf(result.versions().values())).containsExactly("1");
  }

  @Test
  void aCodeThatNobodyHasAllowedFailsTheTest() {
    assertThatThrownBy(to(Counting.Crashing.class, "defective").ends(Ending.REVERTED)::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("calls failed with [SERVICE_CRASHED]");
  }

  @Test
  void aMessageThatTheTestCannotMakeEndsItAtOnce() {
    assertThatThrownBy(
            to(Counting.Second.class, "thrown")
                    .call(
                        number -> {
                          throw new IllegalStateException("a defect of the test");
                        })
                ::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a defect of the test");
  }
}
