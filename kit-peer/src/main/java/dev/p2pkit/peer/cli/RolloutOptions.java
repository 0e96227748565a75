// Options of a roll-out in waves, as install and update take them.
package dev.p2pkit.peer.cli;

import dev.p2pkit.sdk.StagedRollout;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** In which waves a version reaches the peers. */
final class RolloutOptions {
  @Option(
      names = "--canary",
      paramLabel = "PERCENT",
      description = "Only this share of the peers first, for example 10%%; then all others.")
  Optional<String> canary = Optional.empty();

  @Option(
      names = "--canary-label",
      paramLabel = "KEY=VALUE",
      description =
          "The peers that bear this label first (see 'peer --label'); the wave after them waits for"
              + " 'service promote'.")
  Optional<String> canaryLabel = Optional.empty();

  @Option(
      names = "--waves",
      split = ",",
      paramLabel = "PERCENT",
      description = "These shares of the peers one after the other, for example 1%%,10%%,100%%.")
  List<String> waves = new ArrayList<>();

  @Option(
      names = "--not-before",
      paramLabel = "TIME",
      description =
          "When the first wave opens, for example 2026-12-01T02:00:00Z; at once by default.")
  Optional<String> notBefore = Optional.empty();

  @Option(
      names = "--auto-promote",
      paramLabel = "TIME",
      description =
          "Each wave may open so long after the one before if that is known to do well; without it"
              + " later waves wait for 'service promote'.")
  Optional<Duration> autoPromote = Optional.empty();

  @Option(
      names = "--max-setbacks",
      paramLabel = "N",
      description =
          "How many peers may go back to the version before, or fail to start; default: 0.")
  Optional<Integer> maxSetbacks = Optional.empty();

  @Option(
      names = "--max-errors",
      paramLabel = "PERCENT",
      description = "How many more turns may fail than with the version before; default: 1%%.")
  Optional<String> maxErrors = Optional.empty();

  @Option(
      names = "--max-slowdown",
      paramLabel = "FACTOR",
      description = "How many times as long a turn may take on average; default: 2x.")
  Optional<String> maxSlowdown = Optional.empty();

  @Option(
      names = "--min-reports",
      paramLabel = "PERCENT",
      description = "How many peers of the waves before must have reported; default: 50%%.")
  Optional<String> minReports = Optional.empty();

  /**
   * The roll-out that was asked for; empty for all peers at once. Fails with {@link
   * IllegalArgumentException} and a sentence if something cannot be used.
   */
  Optional<StagedRollout> rollout() {
    boolean staged =
        canary.isPresent() || canaryLabel.isPresent() || !waves.isEmpty() || notBefore.isPresent();
    if (!staged) {
      if (autoPromote.isPresent()
          || maxSetbacks.isPresent()
          || maxErrors.isPresent()
          || maxSlowdown.isPresent()
          || minReports.isPresent()) {
        throw new IllegalArgumentException(
            "say --canary, --canary-label or --waves for a roll-out that has limits or promotes itself");
      }
      return Optional.empty();
    }
    if (canary.isPresent() && !waves.isEmpty()) {
      throw new IllegalArgumentException("say either --canary or --waves");
    }
    List<String> all = new ArrayList<>(waves);
    canary.ifPresent(all::add);
    StagedRollout rollout =
        StagedRollout.waves(all.stream().mapToDouble(RolloutOptions::percent).toArray())
            .limits(
                maxSetbacks.orElse(0),
                maxErrors.map(RolloutOptions::percent).orElse(0.01),
                maxSlowdown.map(RolloutOptions::factor).orElse(2.0),
                minReports.map(RolloutOptions::percent).orElse(0.5));
    if (canaryLabel.isPresent()) {
      rollout = rollout.labelFirst(canaryLabel.get());
    }
    if (notBefore.isPresent()) {
      rollout = rollout.notBefore(moment(notBefore.get()));
    }
    return Optional.of(autoPromote.isPresent() ? rollout.autoPromote(autoPromote.get()) : rollout);
  }

  private static double percent(String text) {
    String digits = text.strip();
    if (!digits.endsWith("%")) {
      throw new IllegalArgumentException("a share is written like 10% or 0.5%, not '" + text + "'");
    }
    return number(digits.substring(0, digits.length() - 1), text) / 100;
  }

  private static double factor(String text) {
    String digits = text.strip();
    return number(digits.endsWith("x") ? digits.substring(0, digits.length() - 1) : digits, text);
  }

  private static double number(String digits, String text) {
    if (!digits.matches("\\d{1,6}(\\.\\d{1,4})?")) {
      throw new IllegalArgumentException("'" + text + "' is no number; write 10% or 1.5x");
    }
    return Double.parseDouble(digits);
  }

  private static Instant moment(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "a time is written like 2026-12-01T02:00:00Z, not '" + text + "'", e);
    }
  }
}
