// A chart as SVG inside of a page.
package dev.p2pkit.peer.cli.simulate;

import dev.p2pkit.overlay.simulator.scenario.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Lines over time, or bars. */
final class SvgChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 200;
  private static final int LEFT = 52;
  private static final int RIGHT = 12;
  private static final int TOP = 12;
  private static final int BOTTOM = 24;
  private static final int STEPS = 4;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Line(String name, String colour, double[] values) {}

  private final String title;
  private final String unit;
  private final List<Line> lines = new ArrayList<>();
  private double least;

  SvgChart(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  /** Where the vertical axis begins; 0 unless told otherwise. */
  SvgChart from(double value) {
    least = value;
    return this;
  }

  SvgChart line(String name, String colour, double[] values) {
    lines.add(new Line(name, colour, values));
    return this;
  }

  String svg() {
    double most = least;
    int length = 0;
    for (Line line : lines) {
      length = Math.max(length, line.values().length);
      for (double value : line.values()) {
        most = Double.isNaN(value) ? most : Math.max(most, value);
      }
    }
    if (most <= least) {
      most = least + 1;
    }
    StringBuilder svg = open(title);
    axis(svg, least, most);
    for (int i = 0; i <= STEPS && length > 1; i++) {
      double x = x(i * (length - 1.0) / STEPS, length);
      text(svg, x, HEIGHT - 6, "middle", Math.round(i * (length - 1.0) / STEPS) + " s");
    }
    for (Line line : lines) {
      svg.append("<path fill=\"none\" stroke-width=\"1.6\" stroke=\"")
          .append(line.colour())
          .append("\" d=\"");
      boolean pen = false;
      for (int i = 0; i < line.values().length; i++) {
        double value = line.values()[i];
        if (Double.isNaN(value)) {
          pen = false;
          continue;
        }
        svg.append(pen ? 'L' : 'M').append(number(x(i, length))).append(' ');
        svg.append(number(y(value, least, most)));
        if (!pen && (i + 1 == line.values().length || Double.isNaN(line.values()[i + 1]))) {
          svg.append("h1");
        }
        pen = true;
      }
      svg.append("\"/>");
    }
    svg.append("</svg>");
    legend(svg);
    return svg.append("</figure>").toString();
  }

  /** Bars by the classes of {@link Report#LATENCY_BOUNDS}. */
  static String histogram(String title, long[] counts) {
    StringBuilder svg = open(title);
    double most = Math.max(1, (double) Arrays.stream(counts).max().orElse(1));
    axis(svg, 0, most);
    double step = (WIDTH - LEFT - RIGHT) / (double) counts.length;
    for (int i = 0; i < counts.length; i++) {
      double y = y((double) counts[i], 0, most);
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#0969da\"/>",
              LEFT + i * step + 1,
              y,
              step - 2,
              HEIGHT - BOTTOM - y));
      if (i % 4 == 0 && i < Report.LATENCY_BOUNDS.length) {
        double millis = Report.LATENCY_BOUNDS[i] / 1e3;
        text(svg, LEFT + (i + 1) * step, HEIGHT - 6, "middle", brief(millis) + " ms");
      }
    }
    return svg.append("</svg></figure>").toString();
  }

  private static StringBuilder open(String title) {
    return new StringBuilder("<figure><figcaption>")
        .append(HtmlReport.escape(title))
        .append("</figcaption><svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" role=\"img\">");
  }

  private static void axis(StringBuilder svg, double least, double most) {
    for (int i = 0; i <= STEPS; i++) {
      double value = least + (most - least) * i / STEPS;
      double y = y(value, least, most);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#d8dee4\"/>",
              LEFT,
              WIDTH - RIGHT,
              y,
              y));
      text(svg, LEFT - 6, y + 4, "end", brief(value));
    }
  }

  private void legend(StringBuilder svg) {
    svg.append("<div class=\"key\">");
    for (Line line : lines) {
      svg.append("<b style=\"color:").append(line.colour()).append("\">&#9632;</b> ");
      svg.append(HtmlReport.escape(line.name())).append(" &nbsp; ");
    }
    svg.append(HtmlReport.escape(unit)).append("</div>");
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
            x,
            y,
            anchor,
            HtmlReport.escape(text)));
  }

  private static double x(double at, int length) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (length < 2 ? 0.5 : at / (length - 1));
  }

  private static double y(double value, double least, double most) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - least) / (most - least);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String brief(double value) {
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.1fM", value / 1e6);
    }
    if (value >= 1e4) {
      return String.format(Locale.ROOT, "%.0fk", value / 1e3);
    }
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%d", (long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
