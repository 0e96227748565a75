// A report of the simulator as a table and as JSON.
package dev.p2pkit.peer.cli.simulate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.p2pkit.overlay.simulator.scenario.Purpose;
import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.peer.cli.output.Output;
import dev.p2pkit.peer.cli.output.Table;
import java.util.Locale;
import java.util.Map;

/** A report as a table and as JSON. */
public final class ReportText {
  private ReportText() {}

  /** All figures as fields of one object; null where nothing was there to be measured. */
  public static ObjectNode json(Report report) {
    ObjectNode json = Output.object();
    json.put("scenario", report.scenario().name());
    json.put("seed", report.seed());
    json.put("traceHash", Long.toHexString(report.traceHash()));
    json.put("kept", report.kept());
    report.figures().forEach((name, value) -> number(json, name, value));
    ObjectNode bytes = json.putObject("bytesByPurpose");
    for (Map.Entry<Purpose, Double> entry : report.bytes().entrySet()) {
      number(bytes, entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue());
    }
    ArrayNode failures = json.putArray("failures");
    report.failures().forEach(failures::add);
    return json;
  }

  private static void number(ObjectNode into, String name, double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      into.putNull(name);
    } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      into.put(name, (long) value);
    } else {
      into.put(name, Math.round(value * 1e6) / 1e6);
    }
  }

  /** The figures that were measured, one a line. */
  public static void print(Report report, Output output) {
    Table table = new Table("FIGURE", "VALUE");
    report
        .figures()
        .forEach(
            (name, value) -> {
              if (!Double.isNaN(value)) {
                table.row(name, figure(value));
              }
            });
    for (Map.Entry<Purpose, Double> entry : report.bytes().entrySet()) {
      String purpose = entry.getKey().name().toLowerCase(Locale.ROOT);
      table.row("bytes/s a peer, " + purpose, figure(entry.getValue()));
    }
    table.print(output);
    output.line("");
    output.line("seed " + report.seed() + ", trace " + Long.toHexString(report.traceHash()));
  }

  /** A number as a reader wants it: whole ones whole, others with three digits that count. */
  static String figure(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    if (value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    if (Math.abs(value) >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    if (Math.abs(value) >= 10) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    return value > 0.9 && value < 1.1
        ? String.format(Locale.ROOT, "%.5f", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
