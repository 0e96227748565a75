// What is simulated, as the command line says it.
package dev.p2pkit.peer.cli;

import dev.p2pkit.overlay.simulator.scenario.Amount;
import dev.p2pkit.overlay.simulator.scenario.BuiltInScenarios;
import dev.p2pkit.overlay.simulator.scenario.Incident.Kind;
import dev.p2pkit.overlay.simulator.scenario.Scenario;
import dev.p2pkit.overlay.simulator.scenario.ScenarioBuilder;
import dev.p2pkit.overlay.simulator.scenario.ScenarioText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A scenario: a name or a file first, then what flags change of it. */
final class SimulateOptions {
  private static final Amount ONE = Amount.count(1);
  private static final Amount HALF = Amount.share(0.5);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(11);

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      description = "A built-in scenario (see below) or a file; a quiet ring of 100 by default.")
  Optional<String> scenario = Optional.empty();

  @Option(names = "--peers", paramLabel = "N", description = "How many peers begin.")
  Optional<String> peers = Optional.empty();

  @Option(
      names = "--session",
      paramLabel = "TIME",
      description = "How long a peer lives on average: 60m, 84s, or none.")
  Optional<String> session = Optional.empty();

  @Option(
      names = "--loss",
      paramLabel = "SHARE",
      description = "Messages lost and sent again by TCP: 1%%.")
  Optional<String> loss = Optional.empty();

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      description = "The mean time one way, or wan (40 ms, the default) or lan.")
  Optional<String> delay = Optional.empty();

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      description = "Every 5 s a process stops for up to so long.")
  Optional<String> pause = Optional.empty();

  @Option(
      names = "--partition",
      paramLabel = "[SHARE:]TIME",
      description =
          "After a quarter of the time half of the peers are cut off for so long: 10s, or 30%%:10s for"
              + " another share.")
  Optional<String> partition = Optional.empty();

  @Option(
      names = "--kill",
      paramLabel = "SHARE",
      description = "After a quarter of the time so many die at once: 50%%, or a number.")
  Optional<String> kill = Optional.empty();

  @Option(names = "--silent", description = "Those who die do so with their host: nobody is told.")
  boolean silent;

  @Option(
      names = "--mode",
      paramLabel = "strict|available",
      description = "How careful owners are; strict by default.")
  Optional<String> mode = Optional.empty();

  @Option(names = "--seconds", paramLabel = "S", description = "How long is watched.")
  Optional<String> seconds = Optional.empty();

  @Option(
      names = "--sends-per-second",
      paramLabel = "N",
      description = "Messages by key, all peers together.")
  Optional<String> sends = Optional.empty();

  @Option(names = "--broadcasts", paramLabel = "N", description = "Broadcasts in the whole run.")
  Optional<String> broadcasts = Optional.empty();

  @Option(
      names = "--level",
      paramLabel = "0..4",
      description = "Level of the routing table; 0, the default, as the peers choose.")
  Optional<String> level = Optional.empty();

  @Option(
      names = "--budget",
      paramLabel = "BYTES",
      description = "Bytes a second that a peer may spend on maintenance.")
  Optional<String> budget = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Any other setting of a scenario file; repeatable.")
  Map<String, String> settings = new LinkedHashMap<>();

  /** Fails with {@link IllegalArgumentException} and a sentence if something cannot be used. */
  Scenario read() throws IOException {
    ScenarioBuilder builder = new ScenarioBuilder();
    if (scenario.isPresent()) {
      String what = scenario.get();
      Optional<String> text = BuiltInScenarios.text(what);
      if (text.isPresent()) {
        builder.name(what);
        ScenarioText.read(text.get(), builder);
      } else {
        file(Path.of(what), builder);
      }
    }
    set(builder, "peers", peers);
    set(builder, "session", session);
    set(builder, "loss", loss);
    set(builder, "delay", delay);
    set(builder, "mode", mode);
    set(builder, "seconds", seconds);
    set(builder, "sends-per-second", sends);
    set(builder, "broadcasts", broadcasts);
    set(builder, "level", level);
    set(builder, "budget", budget);
    settings.forEach(
        (name, value) ->
            apply("--set " + name, Optional.of(value), text -> builder.set(name, text)));
    if (silent) {
      builder.set("silent", "yes");
    }
    incidents(builder);
    return builder.build();
  }

  private static void file(Path path, ScenarioBuilder builder) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          "there is no scenario and no file called '"
              + path
              + "'; built in are "
              + String.join(", ", BuiltInScenarios.names()));
    }
    if (Files.size(path) > ScenarioText.LONGEST) {
      throw new IllegalArgumentException(
          path + " is too long; a scenario has at most " + ScenarioText.LONGEST + " bytes");
    }
    Path name = path.getFileName();
    String plain = String.valueOf(name).replaceAll("[^\\p{L}\\p{N} ,.:%+-]", "-");
    builder.name(plain.substring(0, Math.min(80, plain.length())));
    try {
      ScenarioText.read(Files.readString(path), builder);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ", " + e.getMessage(), e);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new IllegalArgumentException(path + " is no text in UTF-8", e);
    }
  }

  private static void set(ScenarioBuilder builder, String name, Optional<String> value) {
    apply("--" + name, value, text -> builder.set(name, text));
  }

  private static void apply(String option, Optional<String> value, Consumer<String> use) {
    value.ifPresent(
        text -> {
          try {
            use.accept(text);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
          }
        });
  }

  private void incidents(ScenarioBuilder builder) {
    long quarter = builder.length() / 4;
    Kind death = builder.silent() ? Kind.SILENCE : Kind.KILL;
    apply("--kill", kill, text -> builder.at(quarter, death, Amount.parse(text), 0));
    apply("--pause", pause, text -> builder.every(5_000_000, Kind.PAUSE, ONE, micros(text)));
    apply("--partition", partition, text -> partition(builder, quarter, text));
  }

  private static void partition(ScenarioBuilder builder, long at, String text) {
    int colon = text.indexOf(':');
    Amount side = colon < 0 ? HALF : Amount.parse(text.substring(0, colon));
    builder.at(at, Kind.PARTITION, side, micros(text.substring(colon + 1)));
  }

  private static long micros(String text) {
    Duration time = Durations.parse(text);
    if (time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("'" + text + "' is more than eleven days");
    }
    if (time.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("1ms is the least, not '" + text + "'");
    }
    return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
  }
}
