// What all processes of a run have written, in the order of time, and what the oracles say of it.
package dev.p2pkit.overlay.network;

import dev.p2pkit.overlay.network.LogFile.Line;
import dev.p2pkit.overlay.simulator.oracle.CoverageOracle;
import dev.p2pkit.overlay.simulator.oracle.EpochOracle;
import dev.p2pkit.overlay.simulator.oracle.Findings;
import dev.p2pkit.overlay.simulator.oracle.OutcomeOracle;
import dev.p2pkit.overlay.simulator.oracle.OverlapOracle;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.overlay.simulator.oracle.Sides;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The merged logs of a run. Times are those of the machine's monotonic clock, in microseconds. Each
 * start of a process is a peer of its own to the oracle of broadcasts: who starts again need not
 * get what is under way.
 */
final class RunLog {
  /** By how much an answer may be late: pauses of whole processes are part of the run. */
  private static final long GRACE = 20_000_000;

  /** How long after a partition two sides may need to become one. */
  private static final long SETTLING = 30_000_000;

  /** How long a line may be under way to its file: while one file is read, others grow. */
  private static final long WRITING = 500_000;

  /**
   * What the oracles say.
   *
   * @param broadcasts how many were to be everywhere by now
   * @param deliveries how often these have been delivered
   */
  record Verdict(Findings findings, int broadcasts, int deliveries) {}

  /** A line and the number of its file; -1: the test's. */
  private record Entry(int log, Line line) {}

  private final List<LogFile> files = new ArrayList<>();
  private final List<Line> told = new ArrayList<>();

  private final List<LogFile> killed = new ArrayList<>();

  static long now() {
    return System.nanoTime() / 1_000;
  }

  /** One more process. */
  void add(LogFile file) {
    files.add(file);
  }

  /** What the test did: {@code DIVIDE}, with the ids of one side, or {@code UNITE}. */
  void told(String line) {
    told.add(LogFile.line(now() + " " + line));
  }

  /** A process was killed: it is told nothing any more. */
  void killed(LogFile file) {
    killed.add(file);
    cutOff(file);
  }

  /** No other process will hear of this one any more, nor it of them. */
  void cutOff(LogFile file) {
    told("GONE " + files.indexOf(file));
  }

  /** See {@link Tenancies#ringOf}. */
  static OptionalLong ringOf(Collection<LogFile> files, long since) {
    return Tenancies.ringOf(files, since, now() - WRITING);
  }

  /** The lines of all, and of tenancies the first sample of each row of equal ones. */
  private List<Entry> merged(long complete, Map<Line, ServingArc> arcs) {
    List<Entry> entries = new ArrayList<>();
    told.forEach(line -> entries.add(new Entry(-1, line)));
    for (int log = 0; log < files.size(); log++) {
      Map<Long, ServingArc> rows = new HashMap<>();
      for (Tenancies.Row row : Tenancies.of(files.get(log), complete)) {
        rows.put(row.at(), row.arc());
      }
      for (Line line : files.get(log).lines()) {
        if (line.at() <= complete) {
          entries.add(new Entry(log, line));
          ServingArc arc = line.kind().equals("HOLDS") ? rows.get(line.at()) : null;
          if (arc != null) {
            arcs.put(line, arc);
          }
        }
      }
    }
    entries.sort(Comparator.comparingLong(entry -> entry.line().at()));
    return entries;
  }

  /**
   * What the oracles find wrong with the run as far as it has come.
   *
   * @param everywhere broadcasts that began before this time have reached everybody who was there
   *     throughout; 0: they may still be under way
   */
  Verdict check(long everywhere) {
    long complete = now() - WRITING;
    Findings findings = new Findings();
    Sides sides = new Sides(SETTLING);
    OutcomeOracle outcomes = new OutcomeOracle(GRACE, findings);
    OverlapOracle overlaps = new OverlapOracle(sides, findings);
    EpochOracle epochs = new EpochOracle(sides, findings);
    CoverageOracle coverage = new CoverageOracle(findings);
    BitSet members = new BitSet();
    Map<String, Integer> numbers = new HashMap<>();
    Map<String, Long> tickets = new LinkedHashMap<>();
    List<String> due = new ArrayList<>();
    Map<Line, ServingArc> arcs = new HashMap<>();
    int deliveries = 0;
    List<Entry> entries = merged(complete, arcs);
    for (Entry entry : entries) {
      Line line = entry.line();
      switch (line.kind()) {
        case "PEER" -> sides.came(LogFile.peer(line).id());
        case "JOINED" -> members.set(entry.log());
        case "HOLDS" -> {
          ServingArc arc = arcs.get(line);
          if (arc != null) {
            overlaps.serves(line.at(), arc);
            epochs.serves(line.at(), arc);
          }
        }
        case "SENT" -> numbers.put(line.word(2), outcomes.opened(Long.parseLong(line.word(4))));
        case "DONE" -> {
          Integer number = numbers.get(line.word(2));
          if (number != null) {
            outcomes.processed(number, line.at());
          }
        }
        case "ENDED" ->
            outcomes.ended(
                numbers.get(line.word(2)), OutcomeOracle.Ending.valueOf(line.word(4)), line.at());
        case "CAST" -> {
          if (members.get(entry.log())) {
            long number = Long.parseLong(line.word(2));
            tickets.put(line.word(2), coverage.began(entry.log(), number, members));
            if (line.at() < everywhere) {
              due.add(line.word(2));
            }
          }
        }
        case "REFUSED" -> {
          coverage.refused(tickets.getOrDefault(line.word(2), 0L));
          due.remove(line.word(2));
        }
        case "GOT" -> {
          coverage.reached(tickets.getOrDefault(line.word(2), 0L), entry.log(), line.at());
          deliveries++;
        }
        case "GONE" -> {
          members.clear(Integer.parseInt(line.word(2)));
          coverage.gone(Integer.parseInt(line.word(2)));
        }
        case "DIVIDE" -> sides.divide(line.at(), List.of(side(line)));
        case "UNITE" -> sides.unite(line.at());
        default -> {}
      }
    }
    due.forEach(number -> coverage.finish(tickets.getOrDefault(number, 0L), complete));
    abandon(numbers, outcomes);
    outcomes.finish(complete);
    return new Verdict(findings, due.size(), deliveries);
  }

  private static Collection<PeerId> side(Line line) {
    return line.words().stream().skip(2).map(PeerId::parse).toList();
  }

  /** Those who were killed are told nothing any more. */
  private void abandon(Map<String, Integer> numbers, OutcomeOracle outcomes) {
    for (LogFile file : killed) {
      for (Line line : file.lines()) {
        Integer number = line.kind().equals("SENT") ? numbers.get(line.word(2)) : null;
        if (number != null) {
          outcomes.abandoned(number);
        }
      }
    }
  }
}
