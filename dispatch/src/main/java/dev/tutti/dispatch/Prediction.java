package dev.tutti.dispatch;

import java.util.Locale;

/// What a task is expected to need in one place, in milliseconds from now.
///
/// @param waitMillis until a slot is free
/// @param loadMillis to bring the model into memory, 0 when it is there
/// @param prefillMillis to read what of the prompt is not in the engine's cache, the way there and
///   back included
/// @param decodeMillis to write the answer
/// @param harmMillis by how much it makes others later who share the engine, all together
/// @param savedMillis time of the engine that is saved by writing it together with others
/// @param readTokens tokens of the prompt that it must read
/// @param writeTokens tokens of the answer
/// @param tokensPerPiece tokens in one piece of the answer
/// @param cachedTokens tokens of the prompt thought to be in the engine's cache
/// @param measured whether the engine's pace was measured, and not only guessed by its kind
public record Prediction(
    double waitMillis,
    double loadMillis,
    double prefillMillis,
    double decodeMillis,
    double harmMillis,
    double savedMillis,
    double readTokens,
    double writeTokens,
    double tokensPerPiece,
    int cachedTokens,
    boolean measured) {
  /// Nothing is expected of this place.
  public static final Prediction NONE = new Prediction(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, false);

  /// Until the first token.
  public double firstMillis() {
    return waitMillis + loadMillis + prefillMillis;
  }

  /// Until the end.
  public double endMillis() {
    return firstMillis() + decodeMillis;
  }

  /// The terms of the sum, for people.
  public String words() {
    return String.format(
        Locale.ROOT,
        "%s to the end (wait %s, load %s, prefill %s%s, decode %s), %s",
        seconds(endMillis()),
        seconds(waitMillis),
        seconds(loadMillis),
        seconds(prefillMillis),
        cachedTokens > 0 ? " with " + cachedTokens + " tokens cached" : "",
        seconds(decodeMillis),
        measured ? "measured" : "estimated");
  }

  private static String seconds(double millis) {
    return String.format(Locale.ROOT, millis < 9_950 ? "%.1f s" : "%.0f s", millis / 1e3);
  }
}
