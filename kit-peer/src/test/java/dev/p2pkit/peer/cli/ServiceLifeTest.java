// The life of a service from the command line: what an owner types, against real peers.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.client.record.OwnerKey;
import dev.p2pkit.peer.testing.TestArchive;
import dev.p2pkit.peer.testing.TestNetwork;
import dev.p2pkit.sdk.Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceLifeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private TestNetwork network;
  private String ticket = "";
  private String key = "";
  private String first = "";
  private String second = "";

  /** A service that adds up; {@code step} is what version 2 and later declare of older states. */
  private String jar(String version, int schema, String step) throws IOException {
    Archive archive =
        TestArchive.compiled(
            Map.of(
                "tally.Maker",
                """
                package tally;
                import dev.p2pkit.sdk.*;
                @KitService(name = "tally", version = "VERSION", state = Maker.Sum.class,
                    schema = SCHEMA)
                public final class Maker implements ServiceMaker {
                  public record Sum(long NAME) {}
                  public record Add(long by) {}
                  @Override public ServiceDescriptor make(PeerContext peer) {
                    return ServiceDescriptor.stateful(Sum.class)
                        .initialState(() -> new Sum(0))
                        STEP
                        .on(Add.class, (add, sum, context) -> {
                          context.reply(sum.NAME() + add.by());
                          return new Sum(sum.NAME() + add.by());
                        })
                        .build();
                  }
                }
                """
                    .replace("VERSION", version)
                    .replace("SCHEMA", String.valueOf(schema))
                    .replace("NAME", schema == 1 ? "n" : "count")
                    .replace("STEP", step)));
    Path file = directory.resolve("tally-" + version + ".jar");
    Files.write(file, archive.content());
    return file.toString();
  }

  @BeforeEach
  void start() throws IOException {
    first = jar("1", 1, "");
    second =
        jar(
            "2",
            2,
            ".upgradeFrom(1, 2, old -> old.rename(\"n\", \"count\"))"
                + ".downgradeState(1, sum -> Tree.of(java.util.Map.of(\"n\", sum.count())))");
    network = TestNetwork.start(2);
    ticket = network.peer(1).clientTicket(Duration.ofMinutes(10));
    key = network.ownerKey().toString();
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private CommandRun run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--ticket", ticket));
    return CommandRun.of(all.toArray(new String[0]));
  }

  /** What a command that ends well prints as JSON. */
  private JsonNode json(String... words) throws JsonProcessingException {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    CommandRun run = run(all.toArray(new String[0]));
    assertThat(run.code()).as(run.err()).isEqualTo(Main.DONE);
    assertThat(run.err()).isEmpty();
    return JSON.readTree(run.out());
  }

  /** As {@link #json}, of a command that signs with the owner's key. */
  private JsonNode signed(String... words) throws JsonProcessingException {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--owner-key", key));
    return json(all.toArray(new String[0]));
  }

  private void failed(CommandRun run, String... whatItSays) {
    assertThat(run.code()).isEqualTo(Main.FAILED);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(whatItSays);
  }

  /** All peers of a report or a status, two, in this phase and with this version. */
  private static void everywhere(JsonNode answer, String version, long epoch) {
    assertThat(answer.path("name").asText()).isEqualTo("tally");
    assertThat(answer.path("epoch").asLong()).isEqualTo(epoch);
    assertThat(answer.path("missing")).isEmpty();
    assertThat(answer.path("peers")).hasSize(2);
    assertThat(answer.path("peers"))
        .allSatisfy(
            on -> {
              assertThat(on.path("phase").asText()).isEqualTo("ACTIVE");
              assertThat(on.path("version").asText()).isEqualTo(version);
              assertThat(on.path("epoch").asLong()).isEqualTo(epoch);
              assertThat(on.path("archive").asText()).hasSize(64);
              assertThat(on.path("registry").asText())
                  .isEqualTo(answer.at("/peers/0/registry").asText());
            });
  }

  /** One peer has the new version, the other waits and says for what. */
  private static void onlyTheCanary(JsonNode answer, String detail) {
    assertThat(answer.path("peers").findValuesAsText("phase"))
        .containsExactlyInAnyOrder("ACTIVE", "PENDING");
    for (JsonNode on : answer.path("peers")) {
      boolean canary = on.path("phase").asText().equals("ACTIVE");
      assertThat(on.path("version").asText()).isEqualTo(canary ? "2" : "1");
      assertThat(on.path("detail").asText()).contains(canary ? "" : detail);
    }
  }

  private long sumAfter(int by) throws JsonProcessingException {
    String peer = network.peer(0).peerId().toString();
    String add = "{\"type\": \"Add\", \"by\": " + by + "}";
    return json("rpc", "tally", add, "--peer", peer).path("reply").asLong();
  }

  @Test
  void aServiceLivesFromItsInstallToItsEnd() throws Exception {
    everywhere(signed("service", "install", first, "--name", "tally"), "1", 1);
    JsonNode status = json("service", "status", "tally");
    everywhere(status, "1", 1);
    assertThat(status.path("owner").asText())
        .isEqualTo(OwnerKey.loadOrCreate(network.ownerKey()).fingerprint());
    assertThat(status.path("upgradeable").asBoolean()).isTrue();
    assertThat(status.path("sharable").asBoolean()).isTrue();
    assertThat(sumAfter(5)).isEqualTo(5);
    whatAMessageMayAskFor();

    onlyTheCanary(
        signed("service", "update", "tally", second, "--canary", "1%", "--auto-promote", "1h"), "");
    JsonNode paused = signed("service", "pause", "tally");
    assertThat(paused.path("epoch").asLong()).isEqualTo(3);
    onlyTheCanary(json("service", "status", "tally"), "paused");
    everywhere(signed("service", "promote", "tally", "--all"), "2", 4);
    assertThat(sumAfter(1)).isEqualTo(6);
    everywhere(signed("service", "rollback", "tally"), "1", 5);
    assertThat(sumAfter(1)).isEqualTo(7);
    history();

    String line = aTicket();
    everywhere(json("service", "update", "tally", second, "--service-ticket", line), "2", 6);
    assertThat(sumAfter(1)).isEqualTo(8);
    failed(
        run("service", "update", "other", second, "--service-ticket", line),
        "BAD_TICKET",
        "is for tally, not for other");
    everywhere(signed("service", "revoke", "tally"), "2", 7);
    failed(run("service", "rollback", "tally", "--service-ticket", line), "UNAUTHORISED");
    everywhere(json("service", "status", "tally"), "2", 7);

    JsonNode ended = signed("service", "uninstall", "tally");
    assertThat(ended.path("epoch").asLong()).isEqualTo(8);
    assertThat(ended.path("missing")).isEmpty();
    failed(run("service", "status", "tally"), "NO_SUCH_SERVICE");
    assertThat(json("service", "list").path("services")).isEmpty();
  }

  /** The version that is to process it, and that it takes effect once. */
  private void whatAMessageMayAskFor() throws JsonProcessingException {
    String add = "{\"type\": \"Add\", \"by\": 0}";
    assertThat(json("rpc", "tally", add, "--hash", "1", "--version", "1").path("reply").isNumber())
        .isTrue();
    failed(run("send", "tally", add, "--hash", "1", "--version", "2"), "VERSION_SKEW");
    failed(run("rpc", "tally", add, "--hash", "1", "--version", "2"), "VERSION_SKEW");
    assertThat(json("broadcast", "tally", add, "--version", "1").path("refused")).isEmpty();
    CommandRun spread = run("broadcast", "tally", add, "--version", "2", "--json");
    assertThat(spread.code()).isEqualTo(Main.FAILED);
    assertThat(JSON.readTree(spread.out()).path("refused"))
        .hasSize(2)
        .allSatisfy(code -> assertThat(code.asText()).isEqualTo("VERSION_SKEW"));
    failed(run("send", "tally", add, "--hash", "1", "--once"), "PROTOCOL_ERROR", "durability");
    failed(run("rpc", "tally", add, "--hash", "1", "--once"), "PROTOCOL_ERROR", "durability");
  }

  /** The newest first, with who signed them. */
  private void history() throws JsonProcessingException {
    JsonNode revisions = json("service", "history", "tally").path("revisions");
    assertThat(revisions.findValuesAsText("what"))
        .containsExactly("rollback", "promote", "pause", "roll-out", "install");
    assertThat(revisions.findValuesAsText("version")).containsExactly("1", "2", "2", "2", "1");
    assertThat(revisions.findValuesAsText("epoch")).containsExactly("5", "4", "3", "2", "1");
    assertThat(revisions.findValuesAsText("inForce"))
        .containsExactly("true", "false", "false", "false", "false");
    assertThat(revisions.findValuesAsText("signer"))
        .containsOnly(OwnerKey.loadOrCreate(network.ownerKey()).fingerprint());
  }

  /** A ticket to upgrade, made from one that could also call. */
  private String aTicket() throws JsonProcessingException {
    JsonNode wide = signed("service", "ticket", "tally", "--upgrade", "--invoke", "--for", "1h");
    assertThat(wide.path("service").asText()).isEqualTo("tally");
    assertThat(wide.path("rights"))
        .extracting(JsonNode::asText)
        .containsExactly("INVOKE", "UPGRADE");
    CommandRun narrow =
        CommandRun.of(
            "service",
            "ticket",
            "narrow",
            wide.path("ticket").asText(),
            "--upgrade",
            "--for",
            "1m",
            "--json");
    assertThat(narrow.code()).as(narrow.err()).isEqualTo(Main.DONE);
    JsonNode less = JSON.readTree(narrow.out());
    assertThat(less.path("rights")).extracting(JsonNode::asText).containsExactly("UPGRADE");
    return less.path("ticket").asText();
  }

  @Test
  void theRestrictedServiceAnswersWhoShowsATicketUntilItIsRevoked() throws Exception {
    everywhere(signed("service", "install", first, "--name", "tally", "--restricted"), "1", 1);
    String call = "{\"type\": \"Add\", \"by\": 3}";
    failed(run("rpc", "tally", call, "--hash", "1"), "UNAUTHORISED");
    String line = signed("service", "ticket", "tally", "--invoke").path("ticket").asText();
    assertThat(
            json("rpc", "tally", call, "--hash", "1", "--service-ticket", line)
                .path("reply")
                .asLong())
        .isEqualTo(3);
    failed(run("service", "update", "tally", second, "--service-ticket", line), "UNAUTHORISED");
    everywhere(signed("service", "revoke", "tally"), "1", 2);
    failed(run("rpc", "tally", call, "--hash", "1", "--service-ticket", line), "UNAUTHORISED");
  }

  @Test
  void checkSaysWhetherAnArchiveUpgradesAnother() throws Exception {
    CommandRun good = CommandRun.of("service", "check", first, second, "--json");
    assertThat(good.code()).as(good.out()).isEqualTo(Main.DONE);
    JsonNode found = JSON.readTree(good.out());
    assertThat(found.path("good").asBoolean()).isTrue();
    assertThat(found.path("version").asText()).isEqualTo("2");
    assertThat(found.path("schema").asInt()).isEqualTo(2);
    assertThat(found.path("problems")).isEmpty();
    assertThat(found.path("stateChanges").has("n")).as(good.out()).isTrue();

    String third =
        jar("3", 2, ".upgradeFrom(1, old -> { throw new IllegalStateException(\"no way\"); })");
    CommandRun bad = CommandRun.of("service", "check", first, third, "--json");
    assertThat(bad.code()).isEqualTo(Main.FAILED);
    found = JSON.readTree(bad.out());
    assertThat(found.path("good").asBoolean()).isFalse();
    assertThat(found.path("problems").get(0).asText()).contains("no way");
    signed("service", "install", first, "--name", "tally");
    failed(
        run("service", "update", "tally", third, "--owner-key", key), "MIGRATION_FAILED", "no way");
    everywhere(json("service", "status", "tally"), "1", 1);
  }
}
