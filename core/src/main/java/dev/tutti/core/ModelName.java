package dev.tutti.core;

/// A model's name as clients and engines write it. `name` and `name:latest` are equal, as in
/// Ollama; otherwise names are compared to the letter.
///
/// 1 to 512 characters, no control characters.
public record ModelName(String value) implements Comparable<ModelName> {
  private static final int MAX_LENGTH = 512;
  private static final String LATEST = ":latest";

  /// Checks the shape and drops a trailing `:latest`.
  public ModelName {
    if (value.endsWith(LATEST) && value.length() > LATEST.length()) {
      value = value.substring(0, value.length() - LATEST.length());
    }
    if (value.isEmpty()
        || value.length() > MAX_LENGTH
        || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "model name of "
              + value.length()
              + " characters (expected: 1 to "
              + MAX_LENGTH
              + " printable characters)");
    }
  }

  /// Whether the mesh chooses the model: `auto` or `auto:TYPE`.
  public boolean isAuto() {
    return value.equals("auto") || value.startsWith("auto:");
  }

  /// Whether the model belongs to a simulated engine: its name begins with `sim/`.
  public boolean isSimulated() {
    return value.startsWith("sim/");
  }

  /// The name as Ollama prints it: with `:latest` where there is no tag.
  public String tagged() {
    int slash = value.lastIndexOf('/');
    return value.indexOf(':', slash + 1) >= 0 ? value : value + LATEST;
  }

  @Override
  public int compareTo(ModelName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
