// The bench from end to end, as short as it can be: that it runs and says what it promises.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class BenchRpcTest {
  @Test
  void measuresCallsBetweenTwoProcesses() throws Exception {
    CommandRun run =
        CommandRun.of("bench", "rpc", "--peers", "2", "--seconds", "1", "--warm-up", "1", "--json");
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(Main.DONE);
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.path("callsPerSecond").asLong()).isPositive();
    double median = result.path("p50Micros").asDouble();
    assertThat(median).isPositive();
    double rare = result.path("p99Micros").asDouble();
    assertThat(rare).isGreaterThanOrEqualTo(median);
    assertThat(result.path("p999Micros").asDouble()).isGreaterThanOrEqualTo(rare);
    assertThat(result.path("cpuSecondsPerMillion").asDouble()).isPositive();
    assertThat(result.path("errors").isIntegralNumber()).isTrue();
    assertThat(result.path("errors").asLong()).isZero();
    assertThat(result.path("warmUpSeconds").asDouble()).isGreaterThanOrEqualTo(1);
    assertThat(result.path("peers").asInt()).isEqualTo(2);
    assertThat(result.path("tls").asBoolean()).isTrue();
  }

  @Test
  void refusesAWarmUpOutOfRange() {
    CommandRun run = CommandRun.of("bench", "rpc", "--warm-up", "61");
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.err()).contains("--warm-up lies between 1 and 60, not 61");
  }
}
