package dev.tutti.bench.fuzz;

/// Where Jazzer enters: its own process runs one target, named by a system property.
public final class FuzzTarget {
  /// The property with the target's name.
  static final String PROPERTY = "tutti.fuzz.target";

  private static final Target TARGET =
      Target.of(System.getProperty(PROPERTY, ""))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  PROPERTY + ": unknown (expected: " + Target.names() + ")"));

  private FuzzTarget() {}

  /// One input; the name is Jazzer's.
  public static void fuzzerTestOneInput(byte[] input) {
    TARGET.run(input);
  }
}
