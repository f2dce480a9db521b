package dev.tutti.app.cli;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Versions of engines that are known to have holes which matter in a network.
final class KnownHoles {
  private static final Pattern VERSION =
      Pattern.compile("^v?(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");

  /// The newest first, since the one with the highest version is the one to name.
  private static final List<Hole> ALL =
      List.of(
          new Hole("ollama", "0.17.1", "CVE-2026-7482: parts of its memory can be read"),
          new Hole("ollama", "0.12.4", "GHSA-f6mr-38g8-39rg: no authentication"),
          new Hole("ollama", "0.1.34", "CVE-2024-37032: it runs what a registry sends"),
          new Hole("ollama", "0.1.29", "CVE-2024-28224: a web page can command it"));

  private KnownHoles() {}

  /// A hole.
  ///
  /// @param kind of engine
  /// @param mended the first version without it
  /// @param what it is
  record Hole(String kind, String mended, String what) {}

  /// The hole of that version that takes the newest version to mend; none for a version that cannot
  /// be read.
  static Optional<Hole> of(String kind, String version) {
    return ALL.stream()
        .filter(hole -> hole.kind().equals(kind) && isBefore(version, hole.mended()))
        .findFirst();
  }

  private static boolean isBefore(String version, String mended) {
    Matcher given = VERSION.matcher(version);
    Matcher first = VERSION.matcher(mended);
    if (!given.find() || !first.find()) {
      return false;
    }
    for (int i = 1; i <= 3; i++) {
      int difference = Integer.compare(number(given.group(i)), number(first.group(i)));
      if (difference != 0) {
        return difference < 0;
      }
    }
    return false;
  }

  private static int number(@org.jspecify.annotations.Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
