package dev.tutti.access;

import java.util.List;

/// Patterns of names: `*` stands for any characters, `?` for one. Matching takes no longer than the
/// product of both lengths, whatever the pattern.
///
/// @param patterns a name is meant when one of them fits; none: every name is
public record Globs(List<String> patterns) {
  /// Every name.
  public static final Globs ALL = new Globs(List.of());

  /// The most patterns.
  public static final int MAX_PATTERNS = 32;

  /// The longest pattern, in characters.
  public static final int MAX_CHARS = 200;

  /// Checks and copies.
  public Globs {
    patterns = List.copyOf(patterns);
    if (patterns.size() > MAX_PATTERNS) {
      throw new IllegalArgumentException(
          "models: " + patterns.size() + " patterns (expected: <= " + MAX_PATTERNS + ")");
    }
    for (String pattern : patterns) {
      if (pattern.isBlank()
          || pattern.length() > MAX_CHARS
          || pattern.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "models: a pattern of "
                + pattern.length()
                + " characters (expected: 1 to "
                + MAX_CHARS
                + ", such as llama3* or *)");
      }
    }
  }

  /// Whether the name is meant.
  public boolean match(String name) {
    if (patterns.isEmpty()) {
      return true;
    }
    for (String pattern : patterns) {
      if (fits(pattern, name)) {
        return true;
      }
    }
    return false;
  }

  /// The usual two pointers: at a dead end the last star takes one character more.
  private static boolean fits(String pattern, String name) {
    int at = 0;
    int star = -1;
    int retry = 0;
    int i = 0;
    while (i < name.length()) {
      char wanted = at < pattern.length() ? pattern.charAt(at) : 0;
      if (at < pattern.length() && wanted == '*') {
        star = at++;
        retry = i;
      } else if (at < pattern.length() && (wanted == '?' || wanted == name.charAt(i))) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++retry;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
