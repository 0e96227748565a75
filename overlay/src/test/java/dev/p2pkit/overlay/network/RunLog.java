// What all processes of a run have written, in the order of time, and what the oracles say of it.
package dev.p2pkit.overlay.network;

import com.google.common.base.Splitter;
import dev.p2pkit.overlay.machine.Endpoint;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.simulator.oracle.EpochOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle;
import dev.p2pkit.overlay.simulator.oracle.OverlapOracle;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The merged logs of a run. Times are those of the machine's monotonic clock, in microseconds. A
 * peer counts as the server of an arc from the first sample in which it could serve it up to the
 * last in a row: what lies between two samples alone is nobody's, so an overlap that is found was
 * one.
 */
final class RunLog {
  /** By how much an answer may be late: pauses of whole processes are part of the run. */
  private static final long GRACE = 20_000_000;

  /** How long after a partition two sides may need to become one. */
  private static final long SETTLING = 30_000_000;

  /** How long a line may be under way to its file: while one file is read, others grow. */
  private static final long WRITING = 500_000;

  /** One line. */
  record Line(long at, int log, List<String> words) {
    String kind() {
      return words.get(1);
    }
  }

  private final List<Path> files;
  private final List<Line> told = new ArrayList<>();
  private final Map<Path, Long> diedAt = new HashMap<>();

  RunLog(List<Path> files) {
    this.files = files;
  }

  /** What the test did: {@code DIVIDE}, with the ids of one side, or {@code UNITE}. */
  void told(String line) {
    long now = System.nanoTime() / 1_000;
    told.add(new Line(now, -1, words(now + " " + line)));
  }

  void died(Path file) {
    diedAt.put(file, System.nanoTime() / 1_000);
  }

  private static List<String> words(String line) {
    return Splitter.on(' ').splitToList(line);
  }

  static List<Line> read(Path file, int log) {
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      List<Line> lines = new ArrayList<>();
      String text = Files.readString(file);
      // The last line may be half written.
      text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(RunLog::words)
          .forEach(words -> lines.add(new Line(Long.parseLong(words.get(0)), log, words)));
      return lines;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Optional<PeerRef> peer(Path file) {
    return read(file, 0).stream()
        .filter(line -> line.kind().equals("PEER"))
        .map(RunLog::peer)
        .findFirst();
  }

  private static PeerRef peer(Line line) {
    return new PeerRef(
        PeerId.parse(line.words.get(2)),
        Endpoint.parse(line.words.get(3)),
        Long.parseLong(line.words.get(4)));
  }

  static boolean joined(Path file) {
    return read(file, 0).stream().anyMatch(line -> line.kind().equals("JOINED"));
  }

  static int view(Path file) {
    return read(file, 0).stream()
        .filter(line -> line.kind().equals("VIEW"))
        .mapToInt(line -> Integer.parseInt(line.words.get(2)))
        .reduce(0, (first, second) -> second);
  }

  /** Of how many keys a call that this process made after some time was delivered. */
  static int keysReached(Path file, long after) {
    Set<String> sent = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (Line line : read(file, 0)) {
      if (line.kind().equals("SENT") && line.at() > after) {
        sent.add(line.words.get(2));
      } else if (line.kind().equals("ENDED")
          && line.words.get(4).equals("DELIVERED")
          && sent.contains(line.words.get(2))) {
        keys.add(line.words.get(3));
      }
    }
    return keys.size();
  }

  /** When a call for the last of all keys first came back, of those made after some time. */
  static long allKeysReachedAt(Path file, long after) {
    Set<String> sent = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (Line line : read(file, 0)) {
      if (line.kind().equals("SENT") && line.at() > after) {
        sent.add(line.words.get(2));
      } else if (line.kind().equals("ENDED")
          && line.words.get(4).equals("DELIVERED")
          && sent.contains(line.words.get(2))
          && keys.add(line.words.get(3))
          && keys.size() == NetworkHost.KEYS) {
        return line.at();
      }
    }
    return Long.MAX_VALUE;
  }

  /** How many calls of others this process has answered since then. */
  static long callsAnsweredBy(Path file, long since) {
    return read(file, 0).stream()
        .filter(line -> line.kind().equals("DONE") && line.at() > since)
        .count();
  }

  /** The smallest ring that this process has seen after some time; empty: it saw no change. */
  static OptionalInt smallestView(Path file, long after) {
    return read(file, 0).stream()
        .filter(line -> line.kind().equals("VIEW") && line.at() > after)
        .mapToInt(line -> Integer.parseInt(line.words.get(2)))
        .min();
  }

  /** What the oracles find wrong with the run as far as it has come. */
  Findings check() {
    long complete = System.nanoTime() / 1_000 - WRITING;
    List<Line> lines = new ArrayList<>(told);
    for (int log = 0; log < files.size(); log++) {
      lines.addAll(read(files.get(log), log));
    }
    lines.removeIf(line -> line.at() > complete);
    Findings findings = new Findings();
    Sides sides = new Sides(SETTLING);
    OutcomeOracle outcomes = new OutcomeOracle(GRACE, findings);
    OverlapOracle overlaps = new OverlapOracle(sides, findings);
    EpochOracle epochs = new EpochOracle(sides, findings);
    Map<Integer, PeerRef> peers = new HashMap<>();
    Map<Line, Long> seenUntil = spans(lines);
    Map<String, Integer> numbers = new HashMap<>();
    lines.sort(Comparator.comparingLong(Line::at));
    for (Line line : lines) {
      switch (line.kind()) {
        case "PEER" -> {
          peers.put(line.log(), peer(line));
          sides.came(peer(line).id());
        }
        case "HOLDS" -> {
          Long until = seenUntil.get(line);
          PeerRef peer = peers.get(line.log());
          if (until != null && peer != null) {
            ServingArc arc =
                new ServingArc(
                    peer, Key.parse(line.words.get(2)), Long.parseLong(line.words.get(3)), until);
            overlaps.serves(line.at(), arc);
            epochs.serves(line.at(), arc);
          }
        }
        case "SENT" ->
            numbers.put(line.words.get(2), outcomes.opened(Long.parseLong(line.words.get(4))));
        case "DONE" -> {
          Integer number = numbers.get(line.words.get(2));
          if (number != null) {
            outcomes.processed(number, line.at());
          }
        }
        case "ENDED" ->
            outcomes.ended(
                numbers.get(line.words.get(2)),
                OutcomeOracle.Ending.valueOf(line.words.get(4)),
                line.at());
        case "DIVIDE" -> sides.divide(line.at(), List.of(side(line)));
        case "UNITE" -> sides.unite(line.at());
        default -> {}
      }
    }
    abandon(lines, numbers, outcomes);
    outcomes.finish(complete);
    return findings;
  }

  private static Collection<PeerId> side(Line line) {
    List<PeerId> ids = new ArrayList<>();
    for (int i = 2; i < line.words.size(); i++) {
      ids.add(PeerId.parse(line.words.get(i)));
    }
    return ids;
  }

  /** The first sample of each row of equal ones, with the time of the last. */
  private static Map<Line, Long> spans(List<Line> lines) {
    Map<Line, Long> spans = new HashMap<>();
    Map<Integer, Line> first = new HashMap<>();
    for (Line line : lines) {
      if (!line.kind().equals("HOLDS")) {
        continue;
      }
      if (line.words.get(2).equals("nothing")) {
        first.remove(line.log());
        continue;
      }
      Line begun = first.get(line.log());
      if (begun == null
          || !begun.words.get(2).equals(line.words.get(2))
          || !begun.words.get(3).equals(line.words.get(3))) {
        first.put(line.log(), line);
        begun = line;
      }
      spans.put(begun, line.at());
    }
    return spans;
  }

  /** Those who were killed are told nothing any more. */
  private void abandon(List<Line> lines, Map<String, Integer> numbers, OutcomeOracle outcomes) {
    for (Line line : lines) {
      if (line.kind().equals("SENT") && diedAt.containsKey(files.get(line.log()))) {
        Integer number = numbers.get(line.words.get(2));
        if (number != null) {
          outcomes.abandoned(number);
        }
      }
    }
  }
}
