// Who could serve what during a run, by the samples in the logs.
package dev.p2pkit.overlay.network;

import dev.p2pkit.overlay.network.LogFile.Line;
import dev.p2pkit.overlay.simulator.oracle.ServingArc;
import dev.p2pkit.sdk.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Who could serve what. A peer counts as the server of an arc from the first sample in which it
 * could serve it up to the last in a row: what lies between two samples alone is nobody's, so an
 * overlap that is found was one.
 */
final class Tenancies {
  /**
   * A row of equal samples.
   *
   * @param at when the first was taken
   * @param arc with the time of the last
   */
  record Row(long at, ServingArc arc) {
    boolean covers(long time) {
      return at <= time && time <= arc.until();
    }
  }

  private Tenancies() {}

  /** The rows of one process up to some time, in the order of time. */
  static List<Row> of(LogFile file, long upTo) {
    List<Row> rows = new ArrayList<>();
    List<String> before = List.of();
    for (Line line : file.lines()) {
      if (!line.kind().equals("HOLDS") || line.at() > upTo) {
        continue;
      }
      List<String> held = line.words().subList(2, line.words().size());
      boolean same = held.equals(before);
      before = held;
      if (held.get(0).equals("nothing")) {
        continue;
      }
      Row last = same ? rows.remove(rows.size() - 1) : null;
      ServingArc arc =
          new ServingArc(
              file.peer().orElseThrow(),
              Key.parse(held.get(0)),
              Long.parseLong(held.get(1)),
              line.at());
      rows.add(new Row(last == null ? line.at() : last.at(), arc));
    }
    return rows;
  }

  /**
   * When these processes were first seen to own every key between them, each key once; empty if
   * they have not been since then. What others may serve does not count.
   */
  static OptionalLong ringOf(Collection<LogFile> files, long since, long upTo) {
    List<Row> rows = files.stream().flatMap(file -> of(file, upTo).stream()).toList();
    TreeSet<Long> times = new TreeSet<>(List.of(since));
    for (Row row : rows) {
      times.add(row.at());
      times.add(row.arc().until() + 1);
    }
    // Beyond the last sample of any of them nobody knows who holds nothing any more.
    long known = files.stream().mapToLong(file -> lastSample(file, upTo)).min().orElse(0);
    for (long time : times.tailSet(since)) {
      if (time <= known
          && isRing(rows.stream().filter(row -> row.covers(time)).map(Row::arc).toList())) {
        return OptionalLong.of(time);
      }
    }
    return OptionalLong.empty();
  }

  private static long lastSample(LogFile file, long upTo) {
    return file.lines().stream()
        .filter(line -> line.kind().equals("HOLDS") && line.at() <= upTo)
        .mapToLong(Line::at)
        .max()
        .orElse(0);
  }

  /** Whether each arc begins where the one before it ends. */
  private static boolean isRing(List<ServingArc> arcs) {
    List<ServingArc> sorted =
        arcs.stream().sorted(Comparator.comparing((ServingArc arc) -> arc.holder().id())).toList();
    for (int i = 0; i < sorted.size(); i++) {
      int before = (i + sorted.size() - 1) % sorted.size();
      if (!sorted.get(i).after().equals(sorted.get(before).holder().id().position())) {
        return false;
      }
    }
    return !sorted.isEmpty();
  }
}
