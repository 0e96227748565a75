// What the merged logs of a run are found to say.
package dev.p2pkit.overlay.network;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  private static final String[] IDS = {id(100), id(200), id(300)};

  @TempDir private Path directory;

  private final RunLog log = new RunLog();
  private final LogFile[] files = new LogFile[IDS.length];

  private static String id(int place) {
    return new PeerId(Key.of(place)).toString();
  }

  private static String key(int place) {
    return Key.of(place).toString();
  }

  private void start(int host) throws IOException {
    files[host] = new LogFile(directory.resolve("log-" + host));
    log.add(files[host]);
    write(host, 1, "PEER " + IDS[host] + " 10.0.0.1:7400 1", "JOINED");
  }

  private void write(int host, long at, String... lines) throws IOException {
    for (String line : lines) {
      Files.writeString(
          files[host].path(),
          at + " " + line + "\n",
          UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private String findings(long everywhere) {
    RunLog.Verdict verdict = log.check(everywhere);
    return verdict.findings().broken() == 0 ? "" : verdict.findings().toString();
  }

  @Test
  void aBroadcastThatMissesSomebodyWhoWasThereThroughoutIsFound() throws IOException {
    for (int host = 0; host < 3; host++) {
      start(host);
    }
    write(0, 10, "CAST 7", "GOT 7");
    write(1, 11, "GOT 7");
    assertThat(findings(0)).isEmpty();
    assertThat(findings(100)).contains("missed");
    write(2, 12, "GOT 7");
    assertThat(findings(100)).isEmpty();
    write(2, 13, "GOT 7");
    assertThat(findings(100)).contains("twice");
  }

  @Test
  void whoDiesMeanwhileOrWasRefusedOrCameLaterIsNotMissed() throws IOException {
    for (int host = 0; host < 2; host++) {
      start(host);
    }
    write(0, 10, "CAST 7", "GOT 7", "CAST 8");
    write(0, 11, "REFUSED 8 too many");
    start(2);
    assertThat(findings(100)).contains("missed");
    log.killed(files[1]);
    // It joined before by its own word.
    write(2, 12, "GOT 7");
    assertThat(findings(100)).isEmpty();
    assertThat(log.check(100).broadcasts()).isEqualTo(1);
  }

  @Test
  void broadcastsOfOnePeerThatComeInAnotherOrderAreFound() throws IOException {
    start(0);
    start(1);
    write(0, 10, "CAST 7", "GOT 7", "CAST 8", "GOT 8");
    write(1, 20, "GOT 8", "GOT 7");
    assertThat(findings(0)).contains("after number 8");
  }

  @Test
  void aRingIsThereWhenEachArcBeginsWhereTheOneBeforeEnds() throws IOException {
    start(0);
    start(1);
    write(0, 10, "HOLDS " + key(200) + " 1");
    write(1, 10, "HOLDS nothing");
    write(1, 30, "HOLDS " + key(100) + " 2");
    write(0, 40, "HOLDS " + key(200) + " 1");
    assertThat(RunLog.ringOf(List.of(files[0], files[1]), 5)).hasValue(30);
    // One of two that waits for the other leaves keys to nobody.
    assertThat(RunLog.ringOf(List.of(files[0]), 5)).isEmpty();
    write(0, 50, "HOLDS " + key(100) + " 3");
    write(0, 60, "HOLDS " + key(100) + " 3");
    assertThat(RunLog.ringOf(List.of(files[0]), 45)).hasValue(50);
    assertThat(RunLog.ringOf(List.of(files[0], files[1]), 45)).isEmpty();
  }

  @Test
  void twoThatHoldTheSameKeyAreFound() throws IOException {
    start(0);
    start(1);
    write(0, 10, "HOLDS " + key(100) + " 1");
    write(1, 20, "HOLDS " + key(100) + " 2");
    write(0, 30, "HOLDS " + key(100) + " 1");
    write(1, 40, "HOLDS " + key(100) + " 2");
    assertThat(findings(0)).isNotEmpty();
  }
}
