// The command line from end to end: peers as processes, everything else through a ticket.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.process.JavaCommand;
import dev.p2pkit.peer.cli.process.PeerProcess;
import dev.p2pkit.sdk.Key;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestMethodOrder(MethodOrderer.MethodName.class)
class ProcessesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FLAGS =
      List.of("-Xmx160m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  @TempDir static Path directory;
  @TempDir static Path temporary;
  private static final List<PeerProcess> PEERS = new ArrayList<>();

  @BeforeAll
  static void startThree() throws Exception {
    String key = run("service", "key", "--owner-key", ownerKey()).out().strip();
    List<String> join = List.of("--create");
    for (int i = 0; i < 3; i++) {
      List<String> arguments = new ArrayList<>(List.of("--trust", key));
      arguments.addAll(join);
      PeerProcess peer =
          PeerProcess.start(directory.resolve("p" + i), flags(), arguments, line -> {});
      PEERS.add(peer);
      join = List.of("--join", peer.ready().get().entryPoint());
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> json("ring").path("peers").size() == PEERS.size());
  }

  @AfterAll
  static void stopAll() {
    PEERS.forEach(PeerProcess::close);
  }

  private static List<String> flags() {
    List<String> all = new ArrayList<>(FLAGS);
    all.add("-Djava.io.tmpdir=" + temporary);
    return all;
  }

  private static String ownerKey() {
    return directory.resolve("owner.key").toString();
  }

  private static String ticket() {
    return PEERS.get(0).ready().join().ticket();
  }

  private static CommandRun run(String... args) {
    return CommandRun.of(args);
  }

  /** Runs a command with the first peer's ticket and reads its JSON; fails if it fails. */
  private static JsonNode json(String... args) throws Exception {
    CommandRun run = run(with(args, "--json", "--ticket", ticket()));
    assertThat(run.code()).as(run.err()).isEqualTo(Main.DONE);
    return JSON.readTree(run.out());
  }

  private static String[] with(String[] args, String... more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void ringAndInfoAgree() throws Exception {
    JsonNode ring = json("ring").path("peers");
    assertThat(ring).hasSize(3);
    for (JsonNode peer : ring) {
      JsonNode info = json("info", "--peer", peer.path("peerId").asText());
      assertThat(info.path("address")).isEqualTo(peer.path("address"));
      assertThat(info.path("predecessor")).isEqualTo(peer.path("predecessor"));
    }
    assertThat(run("ring", "--ticket", ticket()).out().lines()).hasSize(4);
    assertThat(run("info", "--ticket", ticket()).out()).contains("predecessor");
  }

  @Test
  void listenHearsWhatIsSentBroadcastAndAsked() throws Exception {
    String peer = PEERS.get(0).ready().join().peerId().toString();
    CompletableFuture<CommandRun> listener = inBackground("listen", "news", "--count", "2");
    // The listener attaches at its own pace; until then nobody is there.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                run("send", "news", "{\"n\": 1}", "--peer", peer, "--ticket", ticket()).code()
                    == Main.DONE);
    CommandRun broadcast = run("broadcast", "news", "{\"n\": 2}", "--json", "--ticket", ticket());
    assertThat(JSON.readTree(broadcast.out()).path("reached").asInt()).isPositive();
    CommandRun heard = listener.get();
    assertThat(heard.code()).as(heard.err()).isEqualTo(Main.DONE);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : heard.out().lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    assertThat(lines).extracting(line -> line.path("body").path("n").asInt()).containsExactly(1, 2);
    assertThat(lines.get(0).path("source").asText()).isEqualTo("client");
    assertThat(lines.get(0).path("destination").asText()).isEqualTo("peer:" + peer);
  }

  @Test
  void aProxyHearsWhatIsSentToItsAddress() throws Exception {
    StringWriter heard = new StringWriter();
    CompletableFuture<Integer> done = new CompletableFuture<>();
    Output output = new Output(new PrintWriter(heard), new PrintWriter(new StringWriter()));
    Thread thread =
        new Thread(
            () -> done.complete(Main.run(output, "listen", "--count", "1", "--ticket", ticket())),
            "proxy");
    thread.setDaemon(true);
    thread.start();
    await().atMost(Duration.ofSeconds(30)).until(() -> heard.toString().contains("\n"));
    String address = heard.toString().strip();

    String other = PEERS.get(2).ready().join().ticket();
    CommandRun sent = run("send", "-", "[1, 2]", "--to", address, "--ticket", other);

    assertThat(sent.code()).as(sent.err()).isEqualTo(Main.DONE);
    assertThat(done.get()).isEqualTo(Main.DONE);
    JsonNode line = JSON.readTree(heard.toString().lines().skip(1).findFirst().orElseThrow());
    assertThat(line.path("body").toString()).isEqualTo("[1,2]");
    assertThat(address)
        .isEqualTo(line.path("destination").asText() + "/" + line.path("accessPoint").asText());
  }

  @Test
  void aMessageForNobodyFailsWithItsCode() {
    CommandRun nobody =
        run("rpc", "nowhere", "{}", "--key", Key.ZERO.toString(), "--ticket", ticket());
    assertThat(nobody.code()).isEqualTo(Main.FAILED);
    assertThat(nobody.err()).startsWith("NO_SUCH_ACCESS_POINT: ");
    CommandRun unknown =
        run("send", "nowhere", "{}", "--peer", Key.ZERO.toString(), "--ticket", ticket());
    assertThat(unknown.err()).startsWith("NO_SUCH_PEER: ");
    assertThat(run("service", "status", "nothing", "--ticket", ticket()).err())
        .startsWith("NO_SUCH_SERVICE: ");
  }

  @Test
  void ticketsAreIssuedAndShown() throws Exception {
    Path data = PEERS.get(1).directory().resolve("data");
    CommandRun issued = run("ticket", "--data-dir", data.toString(), "--valid", "1h");
    assertThat(issued.code()).as(issued.err()).isEqualTo(Main.DONE);
    String text = issued.out().strip();
    JsonNode shown = JSON.readTree(run("ticket", "--ticket", text, "--json").out());
    assertThat(shown.path("peerId").asText())
        .isEqualTo(PEERS.get(1).ready().join().peerId().toString());
    assertThat(run("info", "--ticket", text).code()).isEqualTo(Main.DONE);
  }

  @Test
  void aTicketAllowsWhatItWasAskedFor() throws Exception {
    String data = PEERS.get(1).directory().resolve("data").toString();
    CommandRun issued = run("ticket", "--data-dir", data, "--rights", "OBSERVE,use", "--json");
    assertThat(issued.code()).as(issued.err()).isEqualTo(Main.DONE);
    JsonNode ticket = JSON.readTree(issued.out());
    assertThat(ticket.path("rights"))
        .extracting(JsonNode::asText)
        .containsExactly("USE", "OBSERVE");
    String text = ticket.path("ticket").asText();
    assertThat(run("info", "--ticket", text).code()).isEqualTo(Main.DONE);
    String use = run("ticket", "--data-dir", data, "--rights", "use").out().strip();
    assertThat(run("info", "--ticket", use).err()).startsWith("UNAUTHORISED: ").contains("OBSERVE");
    assertThat(CommandRun.of("ticket", "--data-dir", data, "--rights", "admin").err())
        .contains("'admin' is no right of a client ticket")
        .contains("use,install,observe");
  }

  @Test
  void verbosityOfARunningPeerChanges() {
    String data = PEERS.get(1).directory().resolve("data").toString();
    assertThat(run("verbose", "7", "--data-dir", data).out()).contains("7");
    assertThat(run("verbose", "3", "--data-dir", data).code()).isEqualTo(Main.DONE);
  }

  @Test
  void aSecondPeerInTheSameDirectoryIsTold() throws Exception {
    Path place = PEERS.get(1).directory();
    CommandRun second = run("peer", "--create", "--data-dir", place.resolve("data").toString());
    assertThat(second.code()).isEqualTo(Main.FAILED);
    assertThat(second.err()).startsWith("ADDRESS_IN_USE: ").contains("data");
  }

  @Test
  void aTakenPortIsTold() {
    String address = PEERS.get(1).ready().join().address();
    String port = address.substring(address.lastIndexOf(':') + 1);
    CommandRun second =
        run("peer", "--create", "--port", port, "--data-dir", directory.resolve("x").toString());
    assertThat(second.code()).isEqualTo(Main.FAILED);
    assertThat(second.err()).startsWith("ADDRESS_IN_USE: ").contains(port);
  }

  @Test
  void aPeerWithADataDirectoryHasNoOtherFilesSoNoneStayWhenItIsKilled() throws Exception {
    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void aPeerWithoutADataDirectoryLeavesNoFilesWhenItIsStopped() throws Exception {
    stopsWithoutFiles("--create");
  }

  @Test
  void aPeerThatIsStoppedWhileItJoinsLeavesNoFiles() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      stopsWithoutFiles("--join", "127.0.0.1:" + silent.getLocalPort());
    }
  }

  private static void stopsWithoutFiles(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("peer", "--json", "--exit-with-parent"));
    all.addAll(List.of(arguments));
    Path place = directory.resolve("without" + arguments[0]);
    PeerProcess peer = PeerProcess.run(place, JavaCommand.of(flags(), all), line -> {});
    try (peer) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !peer.isAlive() || temporaryFiles().stream().anyMatch(Files::isRegularFile));
      assertThat(peer.isAlive()).isTrue();
      peer.stop();
      assertThat(peer.awaitExit(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(temporaryFiles()).isEmpty();
  }

  private static List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.walk(temporary)) {
      return files.filter(file -> !file.equals(temporary)).toList();
    }
  }

  @Test
  void aPeerEndsWithItsParentsInput() throws Exception {
    PeerProcess lone =
        PeerProcess.start(directory.resolve("lone"), FLAGS, List.of("--create"), line -> {});
    lone.ready().get();
    lone.endInput();
    assertThat(lone.awaitExit(Duration.ofSeconds(20))).isTrue();
  }

  private static CompletableFuture<CommandRun> inBackground(String... args) {
    CompletableFuture<CommandRun> done = new CompletableFuture<>();
    String[] all = with(args, "--ticket", ticket());
    Thread thread = new Thread(() -> done.complete(run(all)), "listener");
    thread.setDaemon(true);
    thread.start();
    return done;
  }
}
