package dev.tutti.paced;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// The text of simulated answers and the counting of tokens, both plain functions of their input.
final class Words {
  private static final int CHARS_PER_TOKEN = 4;
  private static final int SENTENCE_WORDS = 9;
  private static final List<String> WORDS =
      List.of(
          "the", "score", "begins", "with", "one", "quiet", "voice", "and", "every", "player",
          "waits", "until", "a", "second", "line", "enters", "from", "below", "then", "all",
          "strings", "answer", "in", "turn", "while", "brass", "holds", "its", "breath", "for",
          "eight", "bars", "under", "slow", "bells", "no", "part", "is", "lost", "when", "two",
          "hands", "share", "it", "at", "last", "each", "section", "finds", "tempo", "again",
          "before", "final", "chord", "fades", "into", "an", "empty", "hall", "where", "only",
          "rhythm", "stays", "tutti");

  private Words() {}

  /// How many tokens a text counts for, 0 for none.
  static long count(String text) {
    return Math.ceilDiv(text.length(), CHARS_PER_TOKEN);
  }

  /// Token `index` of the answer that `seed` makes: first a sentence that says who did not think it
  /// up, then words.
  static String token(String engine, long seed, int index) {
    List<String> opening =
        List.of("This", " answer", " is", " simulated", " by", " " + engine, ".");
    if (index < opening.size()) {
      return opening.get(index);
    }
    int place = (index - opening.size()) % SENTENCE_WORDS;
    String word = WORDS.get((int) Math.floorMod(mix(seed + index), (long) WORDS.size()));
    if (place == 0) {
      word = word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }
    return " " + word + (place == SENTENCE_WORDS - 1 ? "." : "");
  }

  /// How many tokens of that answer the text is, or -1 when it is no beginning of it.
  static int tokensIn(String engine, long seed, String text) {
    int index = 0;
    int at = 0;
    while (at < text.length()) {
      String token = token(engine, seed, index);
      if (!text.startsWith(token, at)) {
        return -1;
      }
      at += token.length();
      index++;
    }
    return index;
  }

  /// A number that every bit of the text has a part in.
  static long hash(String text) {
    long hash = 0;
    for (byte part : text.getBytes(StandardCharsets.UTF_8)) {
      hash = mix(hash ^ (part & 0xff));
    }
    return hash;
  }

  /// Spreads nearby numbers over all of them (the finishing steps of SplitMix64).
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
