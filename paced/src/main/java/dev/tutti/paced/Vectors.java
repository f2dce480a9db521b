package dev.tutti.paced;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Simulated embeddings: the sum of one fixed direction for each word, of length 1. Texts that
/// share words are near each other; nothing else is meant by them.
final class Vectors {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
  private static final double UNIT = 0x1.0p-52;

  private Vectors() {}

  static float[] of(String text, int dimension) {
    var sum = new double[dimension];
    for (String word : words(text)) {
      long hash = Words.hash(word);
      for (int i = 0; i < dimension; i++) {
        sum[i] += (Words.mix(hash + i) >> 11) * UNIT;
      }
    }
    double square = 0;
    for (double part : sum) {
      square += part * part;
    }
    double length = Math.sqrt(square);
    var vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) (length == 0 ? 1 / Math.sqrt(dimension) : sum[i] / length);
    }
    return vector;
  }

  private static List<String> words(String text) {
    return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }

  /// Little-endian 32-bit floats in base 64, as OpenAI's `encoding_format: base64`.
  static String base64(float[] vector) {
    var bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float part : vector) {
      bytes.putFloat(part);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
