// What the command line does without a network: help, usage errors, exit codes, hash.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.sdk.Key;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
  private static final String KEY = "0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "peer",
        "ticket",
        "verbose",
        "service",
        "service install",
        "service update",
        "service list",
        "service status",
        "service key",
        "identity",
        "ban",
        "unban",
        "bans",
        "trust",
        "trust owner",
        "trust revoke",
        "trust name",
        "trust publish",
        "trust list",
        "service pause",
        "service resume",
        "membership administrator",
        "send",
        "rpc",
        "broadcast",
        "listen",
        "info",
        "ring",
        "hash",
        "demo",
        "bench",
        "bench rpc",
        "bench ring",
        "membership root",
        "membership certify",
        "simulate"
      })
  void everyCommandHasAHelpPageWithJson(String command) {
    CommandRun run = CommandRun.of((command + " --help").split(" ", -1));
    assertThat(run.code()).isEqualTo(Main.DONE);
    assertThat(run.out()).contains("Usage: p2pkit " + command).contains("--json");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "peer",
        "peer --create --port 70000",
        "peer --create --verbose 11",
        "peer --create --advertise nowhere",
        "peer --create --install-policy some",
        "peer --create --heartbeat slow",
        "peer --create --contacts 0",
        "peer --create --contacts 17",
        "peer --join 127.0.0.1",
        "hash {",
        "simulate --into page.md",
        "simulate --big",
        "simulate storm --random 2",
        "simulate --random 2 --peers 5",
        "simulate --goals hops --json",
        "simulate --html no-such-directory/page.html",
        "hash alice",
        "hash",
        "service",
        "bench",
        "bench rpc --tls perhaps",
        "bench rpc --peers 0",
        "bench rpc --target nobody",
        "ticket",
        "ticket --data-dir . --valid never",
        "ticket --data-dir . --rights use,admin",
        "ticket --data-dir . --rights ",
        "ticket --ticket x --rights use",
        "verbose 11 --data-dir .",
        "rpc counter {}",
        "rpc counter {} --ticket x",
        "send counter {} --ticket x",
        "send counter {} --ticket x --to nowhere",
        "send counter {} --ticket x --to peer:" + KEY + "/a",
        "send - {} --ticket x --key " + KEY,
        "rpc counter {} --key 12",
        "rpc counter {} --peer " + KEY + " --key " + KEY,
        "send counter {by} --key " + KEY,
        "send counter {} --hash alice",
        "send counter {} --key " + KEY + " --deadline soon",
        "send counter {} --enqueued --once --key " + KEY,
        "rpc counter {} --version ä --key " + KEY,
        "broadcast counter {} --once",
        "listen --count 0",
        "service install x.jar --sealed --canary 10%",
        "service install x.jar --name !"
      })
  void whatIsNotUnderstoodIsExitCode2WithOneSentenceAndAHint(String command) {
    CommandRun run = CommandRun.of(command.split(" ", -1));
    assertThat(run.code()).as("exit code; it printed %s", run).isEqualTo(Main.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(2);
    assertThat(run.err()).contains("--help'").doesNotContain("Exception", "REDACTED");
  }

  @Test
  void aBareCallShowsTheCommands() {
    CommandRun run = CommandRun.of();
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.out()).contains("demo").contains("peer").contains("service");
  }

  @Test
  void theListOfCommandsShowsAWholeSentenceForEach() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine all = new CommandLine(new Main(), new Commands(new Output(nowhere, nowhere)));
    assertThat(all.getSubcommands().values())
        .allSatisfy(
            command ->
                assertThat(command.getCommandSpec().usageMessage().description()[0]).endsWith("."));
  }

  @Test
  void hashIsTheKeyOfTheValue() {
    assertThat(CommandRun.of("hash", "{\"id\": 7, \"name\": \"x\"}").out().strip())
        .isEqualTo(Key.hash(Map.of("name", "x", "id", 7)).toString());
    assertThat(CommandRun.of("hash", "--json", "\"alice\"").out().strip())
        .isEqualTo("{\"key\":\"" + Key.hash("alice") + "\"}");
    assertThat(CommandRun.of("hash", "--md5", "\"alice\"").out().strip())
        .isEqualTo(Key.md5("alice").toString());
  }

  @Test
  void aFailedOperationIsExitCode1WithItsCode() {
    CommandRun run = CommandRun.of("ring", "--ticket", "garbage");
    assertThat(run.code()).isEqualTo(Main.FAILED);
    assertThat(run.err()).startsWith("BAD_TICKET: ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aCommandWithoutATicketSaysWhereToGetOne() {
    CommandRun run = CommandRun.of("ring");
    if (System.getenv(ClientCommand.VARIABLE) == null) {
      assertThat(run.code()).isEqualTo(Main.USAGE);
      assertThat(run.err()).contains("--ticket").contains(ClientCommand.VARIABLE);
    }
  }

  @Test
  void theOwnersPublicKeyIsMadeOnceAndPrinted(@TempDir Path directory) {
    Path file = directory.resolve("owner.key");
    String first = CommandRun.of("service", "key", "--owner-key", file.toString()).out().strip();
    assertThat(first).matches("[0-9a-f]{64}");
    assertThat(file).exists();
    assertThat(CommandRun.of("service", "key", "--owner-key", file.toString()).out().strip())
        .isEqualTo(first);
  }

  @Test
  void theDemoSaysWhenItsArchivesAreMissing(@TempDir Path directory) {
    CommandRun run = CommandRun.of("demo", "--samples", directory.toString());
    assertThat(run.code()).isEqualTo(Main.FAILED);
    assertThat(run.err()).startsWith("BAD_ARCHIVE: ").contains("mvn package");
  }

  @Test
  void theDemoDoesNotWriteIntoADirectoryThatIsInUse(@TempDir Path directory) throws Exception {
    for (String name : List.of("counter-1.jar", "counter-2.jar")) {
      Files.createFile(directory.resolve(name));
    }
    CommandRun run =
        CommandRun.of("demo", "--samples", directory.toString(), "--dir", directory.toString());
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.err()).contains("is not empty");
  }

  @Test
  void commandsForARunningPeerSayWhenThereIsNone(@TempDir Path directory) {
    for (String[] command :
        List.of(
            new String[] {"ticket", "--data-dir", directory.toString()},
            new String[] {"verbose", "5", "--data-dir", directory.toString()})) {
      CommandRun run = CommandRun.of(command);
      assertThat(run.code()).isEqualTo(Main.FAILED);
      assertThat(run.err()).startsWith("NO_ROUTE: ").contains("--data-dir");
    }
  }
}
