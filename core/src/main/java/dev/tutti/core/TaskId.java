package dev.tutti.core;

import java.util.random.RandomGenerator;

/// The name of one task: `t-` and 20 characters of Crockford's base 32, so 100 bits of chance.
public record TaskId(String value) {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 20;

  /// A fresh id from the given source of chance.
  public static TaskId random(RandomGenerator random) {
    var text = new StringBuilder(LENGTH + 2).append("t-");
    for (int i = 0; i < LENGTH; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return new TaskId(text.toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
