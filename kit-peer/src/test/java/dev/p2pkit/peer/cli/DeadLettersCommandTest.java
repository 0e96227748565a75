// An operator looks at dead letters, has one tried again, and drops another.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.peer.JoinMode;
import dev.p2pkit.peer.Peer;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Ack;
import dev.p2pkit.sdk.Archive;
import dev.p2pkit.sdk.InstallOptions;
import dev.p2pkit.sdk.SendOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import p2pkit.faulty.FaultyMaker;

class DeadLettersCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private record Run(int code, String out, String err) {}

  private Run run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("dead-letters"));
    all.addAll(List.of(words));
    all.addAll(List.of("--data-dir", directory.toString()));
    int code =
        Main.run(
            new Output(new PrintWriter(out, true), new PrintWriter(err, true)),
            all.toArray(new String[0]));
    return new Run(code, out.toString(), err.toString());
  }

  private JsonNode letters() throws IOException {
    return JSON.readTree(run("--json").out()).path("letters");
  }

  private static Archive faulty(String version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String code = FaultyMaker.class.getName().replace('.', '/') + ".class";
    try (ZipOutputStream jar = new ZipOutputStream(bytes);
        InputStream source = FaultyMaker.class.getResourceAsStream("/" + code)) {
      jar.putNextEntry(new ZipEntry("META-INF/kit/service.json"));
      jar.write(
          "{\"format\":1,\"name\":\"faulty\",\"version\":\"VERSION\",\"maker\":\"p2pkit.faulty.FaultyMaker\"}"
              .replace("VERSION", version)
              .getBytes(StandardCharsets.UTF_8));
      jar.putNextEntry(new ZipEntry(code));
      jar.write(Objects.requireNonNull(source).readAllBytes());
    }
    return Archive.of(bytes.toByteArray());
  }

  /** What a client is told of a peer's services: turns, loaders and all else as on its machine. */
  private static void sameFiguresFromElsewhere(String ticket, JsonNode figures) throws IOException {
    List<String> whatStays =
        List.of(
            "service", "version", "turns", "failed", "deadLetters", "liveLoaders", "stateBytes");
    CommandRun info = CommandRun.of("info", "--json", "--ticket", ticket);
    CommandRun status =
        CommandRun.of("service", "status", "faulty", "--verbose", "--json", "--ticket", ticket);
    for (JsonNode told :
        List.of(
            JSON.readTree(info.out()).at("/figures/0"),
            JSON.readTree(status.out()).at("/peers/0/figures"))) {
      assertThat(whatStays)
          .allSatisfy(field -> assertThat(told.get(field)).isEqualTo(figures.get(field)));
    }
    assertThat(JSON.readTree(status.out()).at("/peers/0/phase").asText()).isEqualTo("STOPPED");
    assertThat(
            CommandRun.of("service", "status", "faulty", "--verbose", "--ticket", ticket)
                .out()
                .lines()
                .skip(4))
        .anyMatch(line -> line.contains("LOADERS"))
        .anyMatch(line -> line.endsWith(" 1"));
    assertThat(CommandRun.of("service", "status", "faulty", "--ticket", ticket).out())
        .doesNotContain("LOADERS");
  }

  @Test
  void deadLettersAreListedShownTriedAgainAndDropped() throws Exception {
    try (Peer peer =
            Peer.builder()
                .dataDirectory(directory)
                .ownerKey(directory.resolve("owner.key"))
                .joinMode(JoinMode.CREATE)
                .start()
                .join();
        ControlSocket socket =
            ControlSocket.open(directory, line -> PeerCommand.answer(peer, line))) {
      assertThat(socket).isNotNull();
      assertThat(run().out()).contains("no dead letters");
      var unused = peer.install(faulty("3"), InstallOptions.named("faulty")).join();
      for (String body : List.of("one", "two")) {
        var sent =
            peer.sendPeer(peer.peerId(), "faulty", body, SendOptions.DEFAULT.ack(Ack.ENQUEUED))
                .join();
        assertThat(sent.ack()).isEqualTo(Ack.ENQUEUED);
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> peer.deadLetters().size() == 2);
      JsonNode figures =
          JSON.readTree(ControlSocket.ask(directory, "figures all")).path("services").get(0);
      assertThat(figures.path("service").asText()).isEqualTo("faulty/1");
      assertThat(figures.path("deadLetters").asLong()).isEqualTo(2);
      assertThat(figures.path("failed").asLong()).isEqualTo(5);
      assertThat(figures.path("cpuMicros").asLong()).isPositive();
      assertThat(figures.path("liveLoaders").asInt()).isEqualTo(1);
      sameFiguresFromElsewhere(peer.clientTicket(Duration.ofMinutes(5)), figures);
      JsonNode first = letters().get(0);
      assertThat(first.path("service").asText()).isEqualTo("faulty/1");
      assertThat(first.path("version").asText()).isEqualTo("3");
      assertThat(first.path("reason").asText()).contains("not repaired yet");
      assertThat(run().out()).contains("SERVICE_CRASHED");
      String id = first.path("id").asText();
      assertThat(JSON.readTree(run("show", id, "--json").out()).at("/message/body").asText())
          .isEqualTo("one");
      assertThat(run("retry", id).err()).contains("not repaired yet");
      Run retried = run("retry", "--all", "--json");
      assertThat(retried.code()).isEqualTo(Main.FAILED);
      assertThat(JSON.readTree(retried.out()).path("processed")).isEmpty();
      assertThat(JSON.readTree(retried.out()).path("failed")).hasSize(2);
      assertThat(JSON.readTree(run("--service", "other", "--json").out()).path("letters"))
          .isEmpty();
      assertThat(JSON.readTree(run("--service", "faulty", "--json").out()).path("letters"))
          .hasSize(2);
      assertThat(run("drop", "--all", "--service", "other").out()).contains("0 dropped, 0 failed");
      Files.createFile(directory.resolve("services/faulty/1/repaired"));
      // The five crashes have stopped it; a new version begins afresh.
      var updated =
          peer.service("faulty").join().update(faulty("4"), InstallOptions.DEFAULT).join();
      assertThat(updated.peers()).hasSize(1);
      assertThat(run("retry", id).out()).contains("processed");
      assertThat(letters()).hasSize(1);
      assertThat(run("retry", "--all").out()).contains("1 processed, 0 failed");
      assertThat(letters()).isEmpty();
      assertThat(run("drop", id).err()).contains("there is no dead letter");
      assertThat(run("list", "1").code()).isEqualTo(Main.USAGE);
      assertThat(run("retry").code()).isEqualTo(Main.USAGE);
      assertThat(run("retry", "1", "--all").code()).isEqualTo(Main.USAGE);
      assertThat(run("show", "--all").code()).isEqualTo(Main.USAGE);
      assertThat(run("--all").code()).isEqualTo(Main.USAGE);
      assertThat(run("drop", "1", "--service", "faulty").code()).isEqualTo(Main.USAGE);
    }
  }
}
