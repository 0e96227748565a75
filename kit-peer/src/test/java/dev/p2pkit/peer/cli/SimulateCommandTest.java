// The simulator from the command line: fields, seeds, pages, refused scenarios, failed runs.
package dev.p2pkit.peer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.p2pkit.overlay.simulator.scenario.GoalsPage;
import dev.p2pkit.overlay.simulator.scenario.RandomGoals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
  private static final List<String> PROMISED =
      List.of(
          "hopsMean",
          "hopsP99",
          "sends",
          "delivered",
          "notDelivered",
          "unknown",
          "falseOutcomes",
          "within2s",
          "within10s",
          "dialsPerSend",
          "ownerOverlaps",
          "ownerOverlapsAcrossCuts",
          "ownerOverlapsAfterCuts",
          "heal99Millis",
          "heal9999Millis",
          "bytesPerPeerPerSecond",
          "joinP50Millis",
          "joinP99Millis",
          "broadcastCoverage",
          "broadcastPayloadsPerPeer",
          "broadcastLastMillis",
          "eventsPerSecond",
          "memoryPerPeerBytes",
          "bytesByPurpose");

  @TempDir Path directory;

  private static CommandRun simulate(String... more) {
    List<String> all = new ArrayList<>(List.of("simulate"));
    all.addAll(Arrays.asList(more));
    return CommandRun.of(all.toArray(new String[0]));
  }

  private static JsonNode json(CommandRun ran) throws IOException {
    return new ObjectMapper().readTree(ran.out());
  }

  @Test
  void theReportHasAllFieldsAndTheSameSeedGivesTheSameRun() throws IOException {
    Path page = directory.resolve("report.html");
    String[] run = {
      "--peers", "20", "--seconds", "8", "--seed", "3", "--json", "--html", "" + page
    };
    CommandRun first = simulate(run);
    assertThat(first.code()).as(first.err()).isEqualTo(Main.DONE);
    JsonNode report = json(first);
    assertThat(PROMISED).allSatisfy(name -> assertThat(report.has(name)).as(name).isTrue());
    assertThat(report.path("sends").asLong()).isEqualTo(report.path("delivered").asLong());
    assertThat(report.path("falseOutcomes").asLong(-1)).isZero();
    assertThat(json(simulate(run)).path("traceHash")).isEqualTo(report.path("traceHash"));
    String text = Files.readString(page);
    report
        .path("bytesByPurpose")
        .properties()
        .forEach(
            bytes -> {
              // A chart shows no figure that could be compared: the page has both.
              String cell = "id=\"bytes-" + bytes.getKey() + "\">";
              assertThat(text).contains(cell);
              String shown = text.substring(text.indexOf(cell) + cell.length()).split("<", 2)[0];
              double value = bytes.getValue().asDouble();
              assertThat(Double.parseDouble(shown.replace(",", "")))
                  .as(bytes.getKey())
                  .isCloseTo(value, within(0.06 * Math.max(1, value)));
            });
    assertThat(report.path("bytesByPurpose").size()).isPositive();
    assertThat(text)
        .contains("<svg")
        .contains("id=\"hopsMean\"")
        .doesNotContain("<script")
        .doesNotContain("src=")
        .doesNotContain("href=");
  }

  @Test
  void aFileSaysWhatHappensAndFlagsGoOverIt() throws IOException {
    Path file = directory.resolve("mine.txt");
    Files.writeString(file, "peers 500\nseconds 5\nat 2s kill 2\n");
    CommandRun ran = simulate(file.toString(), "--peers", "15");
    assertThat(ran.code()).as(ran.err()).isEqualTo(Main.DONE);
    assertThat(ran.out()).containsPattern("members +13\n").contains("seed 1, trace ");
  }

  @Test
  void aScenarioThatCannotBeReadIsRefusedWithItsLine() throws IOException {
    Path file = directory.resolve("bad.txt");
    Files.writeString(file, "peers 5\nat noon kill 1\n");
    CommandRun ran = simulate(file.toString());
    assertThat(ran.code()).isEqualTo(Main.USAGE);
    assertThat(ran.err()).contains("line 2: a time is written like");
    assertThat(simulate("--wide").err()).contains("--wide belongs to --random");
    assertThat(simulate("nonsense").err()).contains("no scenario and no file").contains("masskill");
    assertThat(simulate("--loss", "200%").err()).contains("--loss: a share is at most 100%");
    assertThat(simulate("--peers", "-3").code()).isEqualTo(Main.USAGE);
    assertThat(simulate("--kill", "1.5").err()).contains("--kill: a share is at most 100%");
    assertThat(simulate("--pause", "8").err()).contains("--pause: a duration is written like");
    assertThat(simulate("--partition", "50%").err()).contains("--partition: a duration is written");
    assertThat(simulate("--partition", "P400D").err()).contains("more than eleven days");
    assertThat(simulate("--partition", ":5s").err()).contains("--partition: how many is written");
    assertThat(simulate("--kill", "half").err())
        .contains("--kill: how many is written like 5, 10%");
    assertThat(simulate("--pause", "0s").err()).contains("--pause: 1ms is the least");
    assertThat(simulate("--pause", "PT-5S").err()).contains("--pause: 1ms is the least");
    assertThat(simulate("--set", "loss=300%").err())
        .contains("--set loss: a share is at most 100%");
    assertThat(simulate("--set", "los=1%").err()).contains("--set los: there is no setting 'los'");
    Files.write(file, new byte[] {(byte) 0xC3, (byte) 0x28, (byte) 0xFF});
    assertThat(simulate(file.toString()).err()).contains("is no text in UTF-8");
  }

  @Test
  void aFailedRunNamesItsSeedAndTellsWhatLedToIt() throws IOException {
    Path story = directory.resolve("story.txt");
    Path file = directory.resolve("hopeless.txt");
    Files.writeString(file, "peers 20\nseconds 6\nsettle 1ms\nat 5900ms silence 50%\n");
    CommandRun ran = simulate(file.toString(), "--seed", "9", "--transcript", story.toString());
    assertThat(ran.code()).isEqualTo(Main.FAILED);
    assertThat(ran.err()).contains("seed 9").contains("not whole");
    assertThat(Files.readString(story)).contains("seed 9").contains("dies with its host");
  }

  @Test
  void sharesAreWrittenAsPercentOrAsFractions() throws IOException {
    String[] start = {"--peers", "12", "--seconds", "8", "--json", "--kill"};
    List<String> percent = new ArrayList<>(Arrays.asList(start));
    percent.addAll(List.of("25%", "--partition", "30%:2s", "--pause", "2s"));
    List<String> fraction = new ArrayList<>(Arrays.asList(start));
    fraction.addAll(List.of("0.25", "--partition", "0.3:2s", "--pause", "PT2S"));
    CommandRun first = simulate(percent.toArray(new String[0]));
    assertThat(first.code()).as(first.err()).isEqualTo(Main.DONE);
    assertThat(json(simulate(fraction.toArray(new String[0]))).path("traceHash"))
        .isEqualTo(json(first).path("traceHash"));
  }

  @Test
  void theRowsOfRandomScenariosHaveCountsOfTheirOwn() throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(page, GoalsPage.BEGIN + "\n" + GoalsPage.END + "\n");
    CommandRun ran =
        simulate(
            "--goals", "STRICT, random", "--random", "2", "--seed", "100", "--into", "" + page);
    // Two clean runs of ten thousand meet nothing, and miss nothing.
    assertThat(ran.code()).as(ran.err()).isEqualTo(Main.FAILED);
    assertThat(ran.out()).contains("2 of 10,000 runs: 0 overlaps").contains(" | open | ");
    assertThat(Files.readString(page))
        .contains("2 of 10,000 runs: 0 overlaps")
        .contains("| " + RandomGoals.WIDE + " | 0 in 300 | not measured yet | open | ");
    assertThat(simulate("--goals", "x", "--random", "0").err()).contains("--random: at least one");
    assertThat(simulate("--goals", "x", "--wide-runs", "0").err())
        .contains("--wide-runs: at least");
    assertThat(simulate("--wide-runs", "3").err()).contains("--wide-runs belong to --goals");
    Files.writeString(page, "no marks");
    assertThat(simulate("--goals", "--into", "" + page).err()).contains("--into: ", "no lines");
    assertThat(simulate("--goals", "--into", "" + directory.resolve("no")).code())
        .isEqualTo(Main.USAGE);
  }

  @Test
  void randomScenariosAreCounted() throws IOException {
    CommandRun ran =
        simulate(
            "--random",
            "3",
            "--seed",
            "100",
            "--json",
            "--transcript",
            "" + directory.resolve("t"));
    assertThat(json(ran).path("runs").asInt()).isEqualTo(3);
    assertThat(json(ran).path("ownerOverlapsAfterCuts").asInt(-1))
        .isBetween(0, json(ran).path("ownerOverlapsAcrossCuts").asInt(-1));
    assertThat(json(ran).path("falseOutcomes").asInt(-1)).isZero();
    assertThat(simulate("--random", "0").code()).isEqualTo(Main.USAGE);
  }
}
