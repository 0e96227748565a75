// The bench of turns from end to end, as small as it can be: that it runs and says what it
// promises.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTurnsTest {
  @ParameterizedTest
  @CsvSource({"WORKER, journal", "ASYNC, snapshot", "EVENT_LOOP, none"})
  void callsAStatefulProcessor(String mode, String durability) throws Exception {
    CommandRun run =
        CommandRun.of(
            "bench",
            "turns",
            "--mode",
            mode,
            "--durability",
            durability,
            "--warm-up",
            "0",
            "--seconds",
            "1",
            "--json");
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(Main.DONE);
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.path("turnsPerSecond").asLong()).isPositive();
    assertThat(result.path("p99Micros").asDouble()).isPositive();
    assertThat(result.path("mode").asText()).isEqualTo(mode);
    assertThat(result.path("durability").asText()).isEqualToIgnoringCase(durability);
    assertThat(result.path("errors").asLong()).isZero();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    CommandRun run = CommandRun.of("bench", "turns", "--seconds", "0");
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.err()).contains("--seconds lies between 1 and 600");
  }
}
