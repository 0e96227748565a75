// A table of text with columns as wide as their content.
package dev.p2pkit.peer.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Rows under a heading, aligned with spaces. Not thread-safe. */
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these columns. */
  public Table(String... heading) {
    rows.add(List.of(heading));
  }

  /** Adds a row with as many cells as the heading has. */
  public Table row(String... cells) {
    if (cells.length != rows.get(0).size()) {
      throw new IllegalArgumentException("a row has as many cells as the heading");
    }
    // What came from elsewhere must not look like another row.
    rows.add(Stream.of(cells).map(cell -> cell.replaceAll("\\R|\t", " ")).toList());
    return this;
  }

  /** The lines, without spaces at their ends. */
  public List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** Prints the table as a result. */
  public void print(Output output) {
    lines().forEach(output::line);
  }
}
