// The judge of the demo must find each kind of fault: otherwise its "0 lost" means nothing.
package dev.p2pkit.peer.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTest {
  private static final long MILLI = 1_000_000;
  private static final PeerId ALIVE = new PeerId(Key.of(100));
  private static final PeerId DEAD = new PeerId(Key.of(200));
  private static final Key LIVE_KEY = Key.of(50);
  private static final Key DEAD_KEY = Key.of(150);
  private static final long KILL = 1_000 * MILLI;
  private static final Incident INCIDENT =
      new Incident(KILL, ALIVE.position(), DEAD, Map.of(ALIVE, 500 * MILLI));
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Test
  void aCleanRunHasNothingToComplainOf() {
    Verdict verdict = judge(clean());
    assertThat(verdict.complaints(3, LIMIT)).isEmpty();
    assertThat(verdict.acknowledged()).isEqualTo(3);
    assertThat(verdict.failures()).containsExactly(Map.entry(ErrorCode.DELIVERY_UNKNOWN, 1L));
    assertThat(verdict.recoveryMillis()).hasValue(900);
    assertThat(verdict.allRecoveredMillis()).hasValue(900);
  }

  @Test
  void anAcknowledgedCallThatNobodyProcessedIsLost() {
    Verdict verdict = Verdict.of(clean(), List.of(journal("2 a", "2 b")), INCIDENT);
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.complaints(3, LIMIT)).hasSize(1);
  }

  @Test
  void aMessageInTwoJournalsIsDoubled() {
    Verdict verdict =
        Verdict.of(clean(), List.of(journal("2 a", "2 b", "2 c"), journal("2 b")), INCIDENT);
    assertThat(verdict.doubled()).isEqualTo(1);
    assertThat(verdict.complaints(3, LIMIT)).hasSize(1);
  }

  @Test
  void aFailedMessageThatWasProcessedTwiceIsDoubledToo() {
    Verdict verdict =
        Verdict.of(clean(), List.of(journal("2 a", "2 b", "2 c", "2 f", "2 f")), INCIDENT);
    assertThat(verdict.doubled()).isEqualTo(1);
  }

  @Test
  void aFailedMessageThatWasProcessedOnceIsNoFault() {
    Verdict verdict = Verdict.of(clean(), List.of(journal("2 a", "2 b", "2 c", "2 f")), INCIDENT);
    assertThat(verdict.complaints(3, LIMIT)).isEmpty();
  }

  @Test
  void aLineThatNobodySentIsFound() {
    Verdict verdict = Verdict.of(clean(), List.of(journal("2 a", "2 b", "2 c", "2 z")), INCIDENT);
    assertThat(verdict.unknown()).isEqualTo(1);
    assertThat(verdict.complaints(3, LIMIT)).hasSize(1);
  }

  @Test
  void aFailureForAnotherKeyIsFound() {
    assertOutside(failed("x", LIVE_KEY, 1_100, 1_200), 1);
  }

  @Test
  void aFailureBeforeTheKillIsFound() {
    assertOutside(failed("x", DEAD_KEY, 900, 950), 1);
  }

  @Test
  void aFailureThatWasUnderWayAtTheKillIsExcused() {
    assertOutside(failed("x", DEAD_KEY, 900, 1_050), 0);
  }

  @Test
  void aFailureAfterRecoveryIsFound() {
    assertOutside(failed("x", DEAD_KEY, 1_950, 1_960), 1);
  }

  @Test
  void aSlowRecoveryIsFound() {
    List<Call> calls = new ArrayList<>(clean());
    calls.add(answered("d", 2, DEAD_KEY, 12_000, 12_001, 2));
    Verdict verdict = Verdict.of(calls, List.of(journal("2 a", "2 b", "2 c", "2 d")), INCIDENT);
    assertThat(verdict.allRecoveredMillis()).hasValue(11_001);
    assertThat(verdict.recoveryMillis()).hasValue(900);
    assertThat(verdict.complaints(3, LIMIT)).hasSize(1);
  }

  @Test
  void aClientThatNeverRecoversIsFound() {
    List<Call> calls = new ArrayList<>(clean());
    calls.add(answered("d", 2, LIVE_KEY, 12_000, 12_001, 2));
    Verdict verdict = Verdict.of(calls, List.of(journal("2 a", "2 b", "2 c", "2 d")), INCIDENT);
    assertThat(verdict.recoveryMillis()).hasValue(900);
    assertThat(verdict.allRecoveredMillis()).isEmpty();
    assertThat(verdict.complaints(3, LIMIT)).isNotEmpty();
  }

  @Test
  void anAnswerOfTheOldVersionAfterTheReportIsFound() {
    List<Call> calls = new ArrayList<>(clean());
    calls.add(answered("d", 1, LIVE_KEY, 600, 601, 1));
    calls.add(answered("e", 1, LIVE_KEY, 499, 601, 1));
    Verdict verdict =
        Verdict.of(calls, List.of(journal("1 d", "1 e", "2 a", "2 b", "2 c")), INCIDENT);
    assertThat(verdict.outdated()).isEqualTo(1);
  }

  @Test
  void aJournalInWhichTheOldVersionFollowsTheNewIsFound() {
    Verdict verdict = Verdict.of(clean(), List.of(journal("2 a", "1 b", "2 c")), INCIDENT);
    assertThat(verdict.outdated()).isEqualTo(1);
    assertThat(verdict.complaints(3, LIMIT)).hasSize(1);
  }

  @Test
  void tooFewCallsAreFound() {
    assertThat(judge(clean()).complaints(4, LIMIT)).hasSize(1);
  }

  @Test
  void journalsAreReadWhereverTheyAre(@TempDir Path directory) throws Exception {
    Path deep = Files.createDirectories(directory.resolve("data/services/counter"));
    Files.writeString(deep.resolve("processed.log"), "1 a\n2 b\n");
    assertThat(Journal.read("p", directory).lines())
        .containsExactly(new Journal.Line(1, "a"), new Journal.Line(2, "b"));
    assertThat(Journal.read("p", Files.createDirectories(directory.resolve("none"))).lines())
        .isEmpty();
  }

  private static void assertOutside(Call call, long expected) {
    List<Call> calls = new ArrayList<>(clean());
    calls.add(call);
    assertThat(judge(calls).failedOutside()).isEqualTo(expected);
  }

  private static Verdict judge(List<Call> calls) {
    return Verdict.of(calls, List.of(journal("2 a", "2 b", "2 c")), INCIDENT);
  }

  private static List<Call> clean() {
    return List.of(
        answered("a", 1, LIVE_KEY, 700, 701, 2),
        answered("b", 1, DEAD_KEY, 700, 701, 2),
        failed("f", DEAD_KEY, 1_001, 1_500),
        answered("c", 1, DEAD_KEY, 1_800, 1_900, 2));
  }

  private static Call answered(String id, int client, Key key, long start, long end, int version) {
    return new Call(
        id, client, key, start * MILLI, end * MILLI, new Call.Outcome.Answered(ALIVE, version));
  }

  private static Call failed(String id, Key key, long start, long end) {
    return new Call(
        id,
        1,
        key,
        start * MILLI,
        end * MILLI,
        new Call.Outcome.Failed(ErrorCode.DELIVERY_UNKNOWN));
  }

  private static Journal journal(String... lines) {
    return new Journal(
        "p",
        Arrays.stream(lines)
            .map(line -> line.split(" ", 2))
            .map(words -> new Journal.Line(Integer.parseInt(words[0]), words[1]))
            .toList());
  }
}
