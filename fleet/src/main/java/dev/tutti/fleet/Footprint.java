package dev.tutti.fleet;

import dev.tutti.core.Bytes;
import java.util.Optional;

/// How much memory a model takes and how much a machine has for models, roughly: pure.
///
/// A model in memory is its weights (the file, else its parameters at 4.8 bits), the keys and
/// values of its context, and what the engine computes in. Keys and values are, for each token of
/// the context and each slot, two bytes for each of them in each layer; engines that describe the
/// layers are taken at their word, of the others it is guessed by the number of parameters, as of
/// an ordinary model with grouped attention. Windows that slide take less than this says.
public final class Footprint {
  /// The key in {@link ModelFacts#details} of the bytes that one token of context takes.
  public static final String CONTEXT_BYTES = "context_bytes";

  /// The context of a model when nobody says, in tokens.
  public static final int USUAL_CONTEXT = 8_192;

  /// What a machine keeps for its system and its people at least; a quarter of its memory where
  /// that is more.
  public static final Bytes LEAST_KEPT = Bytes.ofGibi(5);

  private static final double KEPT_SHARE = 0.25;

  /// What of a graphics card's own memory is used.
  private static final double CARD_SHARE = 0.9;

  private static final double BITS_PER_PARAMETER = 4.8;
  private static final long WORKSPACE_BYTES = 110L * 1024 * 1024;
  private static final long WORKSPACE_BYTES_PER_TOKEN = 1_024;

  /// What a token of context takes in an eight-billion model: 32 layers, 8 heads of 128 values, two
  /// of each, two bytes for each value.
  private static final double BYTES_AT_EIGHT_BILLION = 131_072;

  /// It grows about so with the number of parameters.
  private static final double GROWTH = 0.45;

  private static final double USUAL_BILLIONS = 7;
  private static final double GIGA = 1e9;

  private Footprint() {}

  /// What a model takes in memory.
  ///
  /// @param contextTokens for each slot
  /// @param slots answers at a time
  public static Bytes of(ModelFacts model, int contextTokens, int slots) {
    double context = (double) contextTokens * Math.max(1, slots);
    return new Bytes(
        Math.round(
            weights(model)
                + context * (contextBytes(model) + WORKSPACE_BYTES_PER_TOKEN)
                + WORKSPACE_BYTES));
  }

  private static double weights(ModelFacts model) {
    return model.size().isKnown()
        ? model.size().value()
        : billions(model) * GIGA * BITS_PER_PARAMETER / 8;
  }

  private static double contextBytes(ModelFacts model) {
    if (model.type() == ModelType.EMBEDDING) {
      return 0;
    }
    Optional<Double> told = number(model.details().getOrDefault(CONTEXT_BYTES, ""));
    return told.orElseGet(() -> BYTES_AT_EIGHT_BILLION * Math.pow(billions(model) / 8, GROWTH));
  }

  private static double billions(ModelFacts model) {
    String said = model.details().getOrDefault("parameter_size", "");
    double scale = said.endsWith("M") ? 1e-3 : 1;
    Optional<Double> told = number(said.replaceAll("[^0-9.]", "")).map(count -> count * scale);
    if (told.isPresent()) {
      return told.get();
    }
    return model.size().isKnown() && model.size().value() > 0
        ? model.size().value() * 8 / BITS_PER_PARAMETER / GIGA
        : USUAL_BILLIONS;
  }

  private static Optional<Double> number(String text) {
    try {
      double value = Double.parseDouble(text);
      return value > 0 && value < 1e9 ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  /// What a machine has for models: of memory that CPU and GPU share three quarters, of a graphics
  /// card's own memory nearly all; unknown when nobody tells.
  public static Bytes roomOf(Hardware hardware) {
    long ram = hardware.ramTotal().value();
    long card = hardware.vram().value();
    if (card > 0 && card < ram) {
      return new Bytes(Math.round(card * CARD_SHARE));
    }
    if (ram <= 0) {
      return card > 0 ? new Bytes(Math.round(card * CARD_SHARE)) : Bytes.UNKNOWN;
    }
    long kept = Math.max(LEAST_KEPT.value(), Math.round(ram * KEPT_SHARE));
    return new Bytes(Math.max(0, ram - kept));
  }
}
