package dev.tutti.core;

import java.util.regex.Pattern;

/// The name of one backend, unique in the mesh: by default `node/kind` or `node/kind-port`.
public record BackendId(String value) implements Comparable<BackendId> {
  private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._:/@-]{0,127}");

  /// Checks the shape.
  public BackendId {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException("value: " + value + " (expected: " + SHAPE + ")");
    }
  }

  @Override
  public int compareTo(BackendId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
