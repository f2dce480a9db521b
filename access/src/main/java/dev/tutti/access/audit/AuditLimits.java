package dev.tutti.access.audit;

/// Bounds of the audit log.
public final class AuditLimits {
  /// The longest text of one entry that is kept, in characters; a prompt that is kept as well.
  public static final int MAX_TEXT_CHARS = 1_024;

  /// The most details of one entry.
  public static final int MAX_DETAILS = 16;

  /// The longest line that is read, in bytes: no entry within the other limits makes a longer one.
  public static final int MAX_LINE_BYTES = 256 * 1_024;

  private AuditLimits() {}

  /// The text, cut where it is too long.
  static String cut(String text) {
    if (text.length() <= MAX_TEXT_CHARS) {
      return text;
    }
    return text.substring(0, MAX_TEXT_CHARS - 1) + "…";
  }
}
