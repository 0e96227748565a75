// The code in the documentation compiles, and the recipes for upgrades do what they say.
package dev.p2pkit.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.testing.KitNetwork;
import dev.p2pkit.peer.testing.TestNetwork;
import dev.p2pkit.peer.testing.UpgradeTest;
import dev.p2pkit.samples.CodeBlocks.Block;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.SendOptions;
import dev.p2pkit.sdk.ServiceHandle;
import dev.p2pkit.sdk.ServiceStatus.Phase;
import dev.p2pkit.sdk.StagedRollout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@KitNetwork(peers = 3, limitSeconds = 60)
class DocumentationTest {
  private static final String README = "README.md";
  private static final String SERVICES = "docs/services.md";
  private static final String UPGRADES = "docs/upgrades.md";

  private static TestNetwork network;

  @BeforeAll
  static void start(TestNetwork shared) {
    network = shared;
  }

  // ---- every block compiles

  @TestFactory
  Stream<DynamicTest> everyBlockCompiles() {
    List<Block> blocks = CodeBlocks.of(README, SERVICES, UPGRADES);
    assertThat(blocks).hasSizeGreaterThan(9);
    return blocks.stream()
        .map(block -> DynamicTest.dynamicTest(block.place(), () -> compiled(block)));
  }

  /** What a block needs around it to be a program follows from how it begins. */
  private static Archive compiled(Block block) {
    String code = block.code();
    if (code.strip().startsWith(".")) {
      return Recipe.of(code);
    }
    if (code.startsWith("@KitService") && code.contains("…")) {
      String[] parts = code.split("…", 2);
      return Recipe.of(parts[0], parts[1]);
    }
    if (code.startsWith("@KitService")) {
      return Recipe.maker(code);
    }
    if (code.startsWith("@KitNetwork")) {
      return Recipe.beside("CounterUpgradeTest", code);
    }
    if (code.startsWith("try (Peer") || code.startsWith("handle.")) {
      return Recipe.statements(code);
    }
    throw new AssertionError("say here what the block at " + block.place() + " is part of");
  }

  // ---- the recipes do what they say

  private static UpgradeTest upgrade(String service, Archive from, Archive to) {
    return network
        .upgrade(from, to)
        .service(service)
        .call(number -> Map.of("by", number))
        .weight(number -> number)
        .counted(peer -> peer.rpc(Map.of("reason", "test"), Long.class))
        .around(20);
  }

  private static ServiceHandle handle(String service) {
    return network.get(network.peer(0).service(service));
  }

  private static Long read(String service, Peer peer) {
    return network.get(
        handle(service).peer(peer.peerId()).rpc(Map.of("reason", "test"), Long.class));
  }

  @Test
  void aComponentIsRenamedAndTheUpgradeTakenBack() {
    upgrade("renamed", Recipe.first("n"), Recipe.of(CodeBlocks.with(UPGRADES, ".downgradeState(1")))
        .run();
    Peer peer = network.peer(1);
    long count = read("renamed", peer);
    assertThat(count).isPositive();

    network.get(handle("renamed").control(network.options("renamed")).rollback());

    assertThat(network.get(handle("renamed").status()).peers())
        .allSatisfy(on -> assertThat(on.version()).isEqualTo("1"));
    assertThat(read("renamed", peer)).isEqualTo(count);
  }

  @Test
  void aStateIsSplit() {
    for (String step : List.of("new Name(old.getString(", ".upgradeState(1, OldPerson.class")) {
      String service = step.contains("Old") ? "typed" : "split";
      network.install(
          Recipe.person("String first, String last", "\"Ada\", \"Lovelace\"", ""), service);
      network.get(
          handle(service)
              .update(
                  Recipe.person(
                      "Name name", "new Name(\"\", \"\")", CodeBlocks.with(UPGRADES, step)),
                  network.options(service)));
      assertThat(
              network.get(
                  handle(service)
                      .peer(network.peer(2).peerId())
                      .rpc(Map.of("reason", "test"), String.class)))
          .isEqualTo("Person[name=Name[first=Ada, last=Lovelace]]");
    }
  }

  @Test
  void aPeerThatSleptTakesBothSteps() {
    upgrade(
            "chained",
            Recipe.first("n"),
            Recipe.of(CodeBlocks.with(UPGRADES, ".upgradeFrom(2, old")))
        .run();
  }

  @Test
  void ofTwoVersionsAtOnceACallerGetsTheOneThatItNames() {
    InstallOptions options = network.options("both");
    ServiceHandle both = network.install(Recipe.first("count"), "both");
    network.get(
        both.update(
            Recipe.of(".upgradeFrom(1, old -> new Totals(old.getLong(\"count\"), Instant.EPOCH))"),
            options.staged(StagedRollout.canary(0.1))));
    network.await(
        "one peer is the canary",
        () ->
            network.get(both.status()).peers().stream()
                    .filter(on -> on.phase() == Phase.ACTIVE && on.version().equals("2.0"))
                    .count()
                == 1);
    SendOptions second = SendOptions.DEFAULT.version(versionIn(UPGRADES));
    network
        .get(both.status())
        .peers()
        .forEach(
            on -> {
              CompletableFuture<Long> call =
                  both.peer(on.peer()).rpc(Map.of("reason", "test"), Long.class, second);
              if (on.version().equals("2.0")) {
                assertThat(network.get(call)).isZero();
              } else {
                assertThatThrownBy(() -> network.get(call))
                    .isInstanceOfSatisfying(
                        KitException.class,
                        why -> assertThat(why.code()).isEqualTo(ErrorCode.VERSION_SKEW));
              }
            });
  }

  /** The version that the page's call names. */
  private static String versionIn(String page) {
    Matcher call =
        Pattern.compile("\\.version\\(\"(.+?)\"\\)").matcher(CodeBlocks.with(page, ".version("));
    assertThat(call.find()).isTrue();
    return call.group(1);
  }
}
