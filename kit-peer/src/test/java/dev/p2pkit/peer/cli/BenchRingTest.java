// The ring bench from end to end, as small as it can be: that it runs and says what it promises.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.simulator.scenario.GoalRow;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchRingTest {
  @Test
  void growsARingOfPeersInTwoProcesses() throws Exception {
    CommandRun run =
        CommandRun.of(
            "bench",
            "ring",
            "--peers",
            "4",
            "--processes",
            "2",
            "--idle",
            "0",
            "--base",
            "2",
            "--json");
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(Main.DONE);
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.path("completeMillis").asLong()).isPositive();
    assertThat(result.path("joinedMillis").asLong()).isPositive();
    assertThat(result.path("cpuMillisUntilComplete").asLong()).isPositive();
    // Whoever waits sees what for: it took minutes, and looked like a hang.
    assertThat(run.err())
        .containsSubsequence(
            "a ring of 4 peers grows in 2 processes",
            "4 of 4 peers have joined, 4 know all",
            "ring complete after ",
            "idles for 0 s",
            "idle heap measured",
            "a ring of 2 peers grows",
            "2 of 2 peers have joined, 2 know all");
    long heap = result.path("heapBytes").asLong();
    assertThat(heap).isPositive();
    assertThat(result.path("heapKiBPerPeer").asLong()).isEqualTo(heap / 1_024 / 4);
    assertThat(result.path("heapKiBPerFurtherPeer").isIntegralNumber()).isTrue();
    assertThat(result.path("threadsPerPeer").asDouble()).isPositive();
    assertThat(result.path("peers").asInt()).isEqualTo(4);
    assertThat(result.path("processes").asInt()).isEqualTo(2);
    assertThat(result.path("base").asInt()).isEqualTo(2);
    assertThat(result.path("idleSeconds").isIntegralNumber()).isTrue();
    assertThat(result.path("idleSeconds").asInt()).isZero();
    assertThat(result.path("flags").asText()).isNotEmpty();
    assertThat(result.path("cores").asInt()).isPositive();
    assertThat(result.path("java").asText()).isNotEmpty();
    // The table of goals reads these fields.
    GoalRow row = BenchRingCommand.goal((ObjectNode) result);
    assertThat(row.measured())
        .doesNotContain("NaN")
        .contains(
            String.format(Locale.ROOT, "%,d KiB", result.path("heapKiBPerFurtherPeer").asLong()));
  }

  @ParameterizedTest
  @CsvSource({
    "--peers,    1,    1 to 64 processes share at least as many peers",
    "--peers,    10001, and at most 10000",
    "--processes, 0,   1 to 64 processes",
    "--idle,     3601, the peers idle for 0 to 3600 seconds",
    "--base,     1,    at least one peer for each process"
  })
  void refusesWhatIsOutOfRange(String option, String value, String why) {
    CommandRun run = CommandRun.of("bench", "ring", option, value);
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.err()).contains(why);
  }
}
