package dev.tutti.dispatch;

import dev.tutti.fleet.ModelFacts;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How large a model is, in billions of parameters: what its engine says, else its name, else the
/// bytes of its file. Pure.
final class ModelSize {
  /// What a model has of which nothing is known.
  static final double USUAL_BILLIONS = 7;

  /// Bytes for a billion parameters in about four and a half bits each, as most files are.
  private static final double BYTES_PER_BILLION = 0.58e9;

  /// A word such as `8x7b`, also in names: `llama3.1:70b`, `qwen2.5-0.5b-instruct`.
  private static final Pattern WORD =
      Pattern.compile("(?<![a-z0-9.])(?:(\\d{1,3})x)?(\\d{1,4}(?:\\.\\d{1,3})?)([bm])(?![a-z0-9])");

  private ModelSize() {}

  static double billions(ModelFacts model) {
    double said = said(model.details().getOrDefault("parameter_size", ""));
    if (said > 0) {
      return said;
    }
    Matcher word = WORD.matcher(model.name().value().toLowerCase(Locale.ROOT));
    if (word.find()) {
      return billions(word);
    }
    return model.size().isKnown() && model.size().value() > 0
        ? model.size().value() / BYTES_PER_BILLION
        : USUAL_BILLIONS;
  }

  /// Engines say `8.0B` or `137M`; 0 where they say nothing that is understood. Without a pattern
  /// where that is possible: a large fleet has many models, and they are looked at again whenever
  /// it changes.
  private static double said(String text) {
    int last = text.length() - 1;
    if (last < 1 || last > 16) {
      return 0;
    }
    try {
      double number = Double.parseDouble(text.substring(0, last));
      return text.charAt(last) == 'M' ? number / 1_000 : number;
    } catch (NumberFormatException _) {
      Matcher word = WORD.matcher(text.toLowerCase(Locale.ROOT));
      return word.matches() ? billions(word) : 0;
    }
  }

  private static double billions(Matcher found) {
    double experts = found.group(1) == null ? 1 : Integer.parseInt(found.group(1));
    double scale = found.group(3).equals("b") ? 1 : 1e-3;
    return experts * Double.parseDouble(found.group(2)) * scale;
  }
}
