package dev.tutti.core;

/// An amount of memory or storage in bytes, 0 or more; -1 means unknown.
public record Bytes(long value) implements Comparable<Bytes> {
  /// An amount nobody knows.
  public static final Bytes UNKNOWN = new Bytes(-1);

  private static final double GIBI = 1024.0 * 1024 * 1024;

  /// Checks the range.
  public Bytes {
    if (value < -1) {
      throw new IllegalArgumentException(
          "value: " + value + " (expected: >= 0, or -1 for unknown)");
    }
  }

  /// An amount given in GiB.
  public static Bytes ofGibi(double gibi) {
    return new Bytes(Math.round(gibi * GIBI));
  }

  /// Whether the amount is known.
  public boolean isKnown() {
    return value >= 0;
  }

  /// The amount in GiB; -1 when unknown.
  public double gibi() {
    return isKnown() ? value / GIBI : -1;
  }

  /// Smaller first; unknown before all.
  @Override
  public int compareTo(Bytes other) {
    return Long.compare(value, other.value);
  }
}
