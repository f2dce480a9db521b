package dev.tutti.core;

import java.util.regex.Pattern;

/// A node's name: lower-case letters, digits, dot, dash and underscore, 1 to 63 characters.
public record NodeId(String value) implements Comparable<NodeId> {
  private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  /// Checks the shape.
  public NodeId {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException("value: " + value + " (expected: " + SHAPE + ")");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
