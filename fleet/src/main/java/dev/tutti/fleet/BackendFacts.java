package dev.tutti.fleet;

import java.util.List;

/// What one probe of an engine found out.
///
/// @param kind by fingerprint
/// @param version as the engine says, empty when it does not
/// @param slots attempts at a time as the engine says, 0 when it does not
/// @param models every model it offers, at most {@value #MAX_MODELS}
/// @param simulated whether it is a simulated engine
public record BackendFacts(
    BackendKind kind, String version, int slots, List<ModelFacts> models, boolean simulated) {
  /// The most models of one backend that are remembered.
  public static final int MAX_MODELS = 2_000;

  /// What is known of an engine before its first good probe.
  public static final BackendFacts NONE =
      new BackendFacts(BackendKind.OPENAI, "", 0, List.of(), false);

  /// Copies the list and checks its bound.
  public BackendFacts {
    if (models.size() > MAX_MODELS) {
      throw new IllegalArgumentException(
          "models: " + models.size() + " (expected: <= " + MAX_MODELS + ")");
    }
    models = List.copyOf(models);
  }
}
