// The upgrade bench from end to end, small: what it measures must hold here, too.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchUpgradeTest {
  @Test
  void underLoadTenPeersEndOnTheLastGoodVersionAndCountEveryAcknowledgedCallOnce()
      throws Exception {
    CommandRun run =
        CommandRun.of(
            "bench",
            "upgrade",
            "--peers",
            "10",
            "--processes",
            "1",
            "--calls-per-second",
            "200",
            "--upgrades",
            "3",
            "--bad",
            "2",
            "--json");
    assertThat(run.code()).as(run.out() + run.err()).isEqualTo(Main.DONE);
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.path("acknowledged").asLong()).isPositive();
    assertThat(result.path("lost").asLong()).isZero();
    assertThat(result.path("doubled").asLong()).isZero();
    assertThat(result.path("failedByCode").path("SERVICE_CRASHED").asLong())
        .as("callers of the version that crashes see a code")
        .isPositive();
    assertThat(result.path("upgrades").asInt()).isEqualTo(1);
    assertThat(result.path("reverted").asInt()).isEqualTo(10);
    assertThat(result.path("finalVersion").asText()).isEqualTo("4");
    assertThat(result.path("upgradeMillisP50").asLong()).isPositive();
    assertThat(result.path("upgradeMillisMax").asLong()).isPositive();
    assertThat(result.path("longestCallMillis").asLong()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "--peers,            1,      --peers is 2 to 1000",
    "--processes,        50,     fewer than the peers",
    "--calls-per-second, 0,      --calls-per-second is 1 to 100000",
    "--upgrades,         0,      --upgrades is 1 to 1000",
    "--bad,              10,     the last one is good",
    "--durability,       always, durability"
  })
  void refusesWhatIsOutOfRange(String option, String value, String why) {
    CommandRun run = CommandRun.of("bench", "upgrade", option, value);
    assertThat(run.code()).isEqualTo(Main.USAGE);
    assertThat(run.err()).contains(why);
  }
}
