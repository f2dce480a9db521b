package dev.tutti.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A bar for each strategy: for the terminal, and as SVG.
public final class Chart {
  private static final int COLUMNS = 48;
  private static final int BAR_HEIGHT = 22;
  private static final int ROW = 32;
  private static final int LEFT = 190;
  private static final int WIDE = 480;
  private static final int RIGHT = 110;
  private static final int TOP = 48;

  /// A bar.
  ///
  /// @param label what it stands for
  /// @param value how long it is; infinite when it has no end
  public record Bar(String label, double value) {}

  private final String title;
  private final String unit;
  private final List<Bar> bars;

  /// A chart.
  ///
  /// @param title what is shown
  /// @param unit of the values
  public Chart(String title, String unit, List<Bar> bars) {
    this.title = title;
    this.unit = unit;
    this.bars = List.copyOf(bars);
  }

  /// 95 of 100 answers were complete after so many seconds.
  public static Chart ofCompletion(String title, List<Result> results) {
    return new Chart(
        title,
        "s",
        results.stream()
            .map(one -> new Bar(one.strategy(), one.completionMillis().p95() / 1e3))
            .toList());
  }

  /// The chart as lines of text.
  public List<String> lines() {
    int widest = bars.stream().mapToInt(bar -> bar.label().length()).max().orElse(0);
    var lines = new ArrayList<String>();
    lines.add(title);
    for (Bar bar : bars) {
      int length = (int) Math.round(share(bar) * COLUMNS);
      lines.add(
          bar.label()
              + " ".repeat(widest - bar.label().length())
              + "  "
              + "█".repeat(Math.max(1, length))
              + " "
              + value(bar));
    }
    return lines;
  }

  /// The chart as an SVG document.
  public String svg() {
    int height = TOP + ROW * bars.size() + 12;
    int width = LEFT + WIDE + RIGHT;
    var svg = new StringBuilder();
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        .append(width)
        .append(' ')
        .append(height)
        .append("\" font-family=\"system-ui, sans-serif\" font-size=\"14\">\n")
        .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    text(svg, 16, 28, "start", "#1a1a1a", title);
    int y = TOP;
    for (Bar bar : bars) {
      long length = Math.max(2, Math.round(share(bar) * WIDE));
      text(svg, LEFT - 10, y + 16, "end", "#1a1a1a", bar.label());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"#3b6ea5\"/>%n",
              LEFT,
              y,
              length,
              BAR_HEIGHT));
      text(svg, LEFT + length + 8, y + 16, "start", "#555555", value(bar));
      y += ROW;
    }
    return svg.append("</svg>\n").toString().replace("\r\n", "\n");
  }

  private static void text(
      StringBuilder svg, long x, long y, String anchor, String color, String words) {
    String safe = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    svg.append("<text x=\"")
        .append(x)
        .append("\" y=\"")
        .append(y)
        .append("\" text-anchor=\"")
        .append(anchor)
        .append("\" fill=\"")
        .append(color)
        .append("\">")
        .append(safe)
        .append("</text>\n");
  }

  /// Of the longest bar that has an end; a bar without one is as long.
  private double share(Bar bar) {
    double most = bars.stream().mapToDouble(Bar::value).filter(Double::isFinite).max().orElse(0);
    return Double.isFinite(bar.value()) ? (most > 0 ? bar.value() / most : 0) : 1;
  }

  private String value(Bar bar) {
    return Double.isFinite(bar.value())
        ? String.format(Locale.ROOT, "%.1f %s", bar.value(), unit)
        : "never";
  }
}
