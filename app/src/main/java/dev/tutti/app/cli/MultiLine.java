package dev.tutti.app.cli;

/// Questions of several lines: between two `"""`, or with a backslash at the end of each but the
/// last.
final class MultiLine {
  static final String FENCE = "\"\"\"";

  private MultiLine() {}

  /// Whether more lines must follow.
  static boolean isOpen(String text) {
    if (text.stripLeading().startsWith(FENCE)) {
      int begin = text.indexOf(FENCE) + FENCE.length();
      return text.indexOf(FENCE, begin) < 0;
    }
    return text.endsWith("\\");
  }

  /// The question without its marks.
  static String unwrap(String text) {
    var stripped = text.strip();
    if (stripped.startsWith(FENCE)) {
      var inner = stripped.substring(FENCE.length());
      int end = inner.indexOf(FENCE);
      return (end < 0 ? inner : inner.substring(0, end)).strip();
    }
    return stripped.replace("\\\n", "\n");
  }
}
