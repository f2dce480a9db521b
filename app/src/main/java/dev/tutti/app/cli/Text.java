package dev.tutti.app.cli;

import java.time.Duration;
import java.util.Locale;
import org.jline.utils.WCWidth;

/// How amounts and foreign words look in a terminal.
final class Text {
  private static final double GIBI = 1024.0 * 1024 * 1024;
  private static final double MEBI = 1024.0 * 1024;
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;
  private static final int DAY = 24 * HOUR;

  private Text() {}

  /// The text without characters that a terminal would obey: names come from machines that nobody
  /// has to trust.
  static String harmless(String text) {
    return text.codePoints()
        .map(point -> isObeyed(point) ? '?' : point)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /// Like {@link #harmless}, but lines and tabs stay: for whole answers.
  static String harmlessLines(String text) {
    return text.codePoints()
        .filter(point -> point == '\n' || point == '\t' || !isObeyed(point))
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isObeyed(int point) {
    // Controls, and the marks that turn the direction of what follows.
    return Character.isISOControl(point)
        || (point >= 0x202A && point <= 0x202E)
        || (point >= 0x2066 && point <= 0x2069);
  }

  /// Columns that the text takes in a terminal.
  static int columns(String text) {
    return text.codePoints().map(point -> Math.max(0, WCWidth.wcwidth(point))).sum();
  }

  /// Bytes as people say it; empty when unknown.
  static String bytes(long bytes) {
    if (bytes < 0) {
      return "";
    }
    return bytes < GIBI
        ? String.format(Locale.ROOT, "%.0f MB", bytes / MEBI)
        : String.format(Locale.ROOT, "%.1f GB", bytes / GIBI);
  }

  /// A duration in its two largest units.
  static String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    long seconds = duration.toSeconds();
    if (seconds < MINUTE) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
    if (seconds < HOUR) {
      return seconds / MINUTE + " min " + seconds % MINUTE + " s";
    }
    if (seconds < DAY) {
      return seconds / HOUR + " h " + seconds % HOUR / MINUTE + " min";
    }
    return seconds / DAY + " d " + seconds % DAY / HOUR + " h";
  }

  /// `1 node`, `2 nodes`.
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
