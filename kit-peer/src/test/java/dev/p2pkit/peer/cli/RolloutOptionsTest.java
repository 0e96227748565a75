// What the command line makes of the options of a roll-out in waves.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.sdk.StagedRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RolloutOptionsTest {
  private static Optional<StagedRollout> parse(String... arguments) {
    return CommandLine.populateCommand(new RolloutOptions(), arguments).rollout();
  }

  @Test
  void withoutAnyAllPeersAreReachedAtOnce() {
    assertThat(parse()).isEmpty();
  }

  @Test
  void everyOptionArrives() {
    assertThat(parse("--canary", "10%", "--auto-promote", "PT5M"))
        .contains(StagedRollout.canary(0.1).autoPromote(Duration.ofMinutes(5)));
    assertThat(
            parse(
                "--waves=1%,10%,100%",
                "--canary-label=site=lab",
                "--not-before=2026-12-01T02:00:00Z",
                "--max-setbacks=2",
                "--max-errors=0.5%",
                "--max-slowdown=1.5x",
                "--min-reports=80%"))
        .contains(
            StagedRollout.waves(0.01, 0.1, 1)
                .limits(2, 0.005, 1.5, 0.8)
                .labelFirst("site=lab")
                .notBefore(Instant.parse("2026-12-01T02:00:00Z")));
  }

  @Test
  void whatCannotBeMeantIsRefusedWithASentence() {
    assertThatThrownBy(() -> parse("--canary", "10")).hasMessageContaining("like 10%");
    assertThatThrownBy(() -> parse("--canary", "-5%")).hasMessageContaining("no number");
    assertThatThrownBy(() -> parse("--canary", "200%"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> parse("--canary", "5%", "--waves", "1%"))
        .hasMessageContaining("either");
    assertThatThrownBy(() -> parse("--waves", "10%,5%")).hasMessageContaining("at least as many");
    assertThatThrownBy(() -> parse("--auto-promote", "PT5M")).hasMessageContaining("--canary");
    assertThatThrownBy(() -> parse("--canary", "5%", "--not-before", "tonight"))
        .hasMessageContaining("2026-12-01T02:00:00Z");
  }
}
