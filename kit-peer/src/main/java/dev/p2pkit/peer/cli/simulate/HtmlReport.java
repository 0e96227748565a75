// A report of the simulator as a page with charts: one file, no script, nothing to be loaded.
package dev.p2pkit.peer.cli.simulate;

import dev.p2pkit.overlay.simulator.scenario.Incident;
import dev.p2pkit.overlay.simulator.scenario.Purpose;
import dev.p2pkit.overlay.simulator.scenario.Report;
import dev.p2pkit.overlay.simulator.scenario.Second;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A page with charts; works without a network. */
public final class HtmlReport {
  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
      h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
      .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(28rem,1fr));gap:1rem 2rem}
      figure{margin:0}figcaption{font-weight:600;margin-bottom:.3rem}
      svg{width:100%;height:auto;background:#f7f8fa;border-radius:6px}
      svg text{font:11px system-ui,sans-serif;fill:#57606a}
      table{border-collapse:collapse}td,th{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top}
      td.n{text-align:right;font-variant-numeric:tabular-nums}
      .kept{color:#1a7f37}.broken{color:#b42318}pre{background:#f7f8fa;padding:.8rem;overflow:auto;border-radius:6px}
      .key{font-size:.85rem;color:#57606a}.key b{font-weight:600}
      """;

  private HtmlReport() {}

  /** The page. */
  public static String of(Report report) {
    StringBuilder page = new StringBuilder(32_768);
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .append("<title>Simulation: ")
        .append(escape(report.scenario().name()))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body>");
    head(page, report);
    page.append("<h2>Over time</h2><div class=\"grid\">");
    timeCharts(page, report);
    page.append("</div>");
    figures(page, report);
    page.append("</body></html>\n");
    return page.toString();
  }

  private static void head(StringBuilder page, Report report) {
    page.append("<h1>Simulation: ").append(escape(report.scenario().name())).append("</h1><p>");
    page.append(report.scenario().peers())
        .append(" peers, ")
        .append(report.seconds().size())
        .append(" s, seed ")
        .append(report.seed())
        .append(", trace ")
        .append(Long.toHexString(report.traceHash()))
        .append(". ");
    page.append(
        report.kept()
            ? "<b class=\"kept\">All promises were kept.</b>"
            : "<b class=\"broken\">Promises were broken.</b>");
    page.append("</p>");
    if (!report.failures().isEmpty()) {
      page.append("<pre id=\"failures\">")
          .append(escape(String.join("\n", report.failures())))
          .append("</pre>");
    }
    if (!report.scenario().incidents().isEmpty()) {
      page.append("<details><summary>What happened (")
          .append(report.scenario().incidents().size())
          .append(")</summary><pre>");
      for (Incident incident : report.scenario().incidents()) {
        page.append(escape(incident.toString())).append('\n');
      }
      page.append("</pre></details>");
    }
  }

  private static void timeCharts(StringBuilder page, Report report) {
    List<Second> seconds = report.seconds();
    page.append(
        new SvgChart("Share of all keys that is served, least of each second (%)", "%")
            .from(leastServed(seconds))
            .line("served", "#0969da", series(seconds, second -> 100 * second.served()))
            .svg());
    page.append(
        new SvgChart("Peers in the ring", "")
            .line("members", "#8250df", series(seconds, Second::members))
            .svg());
    page.append(
        new SvgChart("Time of a message until its sender knows (ms)", "ms")
            .line("half are faster", "#1a7f37", series(seconds, Second::p50Millis))
            .line("99 of 100 are faster", "#bf8700", series(seconds, Second::p99Millis))
            .svg());
    page.append(
        new SvgChart("Messages a second", "")
            .line("delivered", "#1a7f37", series(seconds, second -> (double) second.delivered()))
            .line("otherwise", "#b42318", series(seconds, second -> (double) second.failed()))
            .svg());
    SvgChart bytes = new SvgChart("Bytes a peer sends a second", "B/s");
    String[] colours = {"#0969da", "#8250df", "#bf8700", "#1a7f37", "#57606a"};
    for (Purpose purpose : Purpose.values()) {
      bytes.line(
          purpose.name().toLowerCase(Locale.ROOT),
          colours[purpose.ordinal() % colours.length],
          series(seconds, second -> second.bytes().getOrDefault(purpose, 0.0)));
    }
    page.append(bytes.svg());
    page.append(SvgChart.histogram("How long messages took", report.latencies()));
  }

  private static double leastServed(List<Second> seconds) {
    double least = seconds.stream().mapToDouble(Second::served).min().orElse(0);
    return Math.floor(least * 100);
  }

  private static double[] series(List<Second> seconds, ToDoubleFunction<Second> value) {
    return seconds.stream().mapToDouble(value).toArray();
  }

  private static void figures(StringBuilder page, Report report) {
    page.append("<h2>Figures</h2><table>");
    report.figures().forEach((name, value) -> row(page, name, name, value));
    page.append("</table>");
    page.append("<h2>Bytes a peer sends a second, by purpose</h2><table>");
    for (Map.Entry<Purpose, Double> entry : report.bytes().entrySet()) {
      String purpose = entry.getKey().name().toLowerCase(Locale.ROOT);
      row(page, purpose, "bytes-" + purpose, entry.getValue());
    }
    page.append("</table>");
  }

  private static void row(StringBuilder page, String name, String id, double value) {
    page.append("<tr><td>")
        .append(escape(name))
        .append("</td><td class=\"n\" id=\"")
        .append(escape(id))
        .append("\">")
        .append(ReportText.figure(value))
        .append("</td></tr>");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
