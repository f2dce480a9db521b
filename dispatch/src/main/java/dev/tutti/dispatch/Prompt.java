package dev.tutti.dispatch;

import java.util.Arrays;

/// What dispatch may know of a prompt: its length, and a hash at each of its boundaries, so that it
/// can tell how much of it an engine has read before. Immutable.
///
/// A hash stands for everything from the start of the prompt to its boundary (for a conversation:
/// up to the end of a message). Two prompts with an equal hash begin alike; a clash would only send
/// a task to an engine that has less of it in its cache than was thought.
public final class Prompt {
  /// The most boundaries that are kept: the first ones, since a cache is of use from the start
  /// only.
  public static final int MAX_BOUNDARIES = 512;

  /// Nothing known.
  public static final Prompt UNKNOWN = new Prompt(0, new long[0], new int[0]);

  private final int tokens;
  private final long[] hashes;
  private final int[] upTo;

  private Prompt(int tokens, long[] hashes, int[] upTo) {
    this.tokens = tokens;
    this.hashes = hashes;
    this.upTo = upTo;
  }

  /// A prompt of so many tokens, about; `hashes[i]` stands for its first `upTo[i]` tokens, growing.
  public static Prompt of(int tokens, long[] hashes, int[] upTo) {
    if (tokens < 0 || hashes.length != upTo.length) {
      throw new IllegalArgumentException(
          "prompt: "
              + tokens
              + " tokens, "
              + hashes.length
              + " hashes, "
              + upTo.length
              + " boundaries (expected: >= 0, as many hashes as boundaries)");
    }
    int kept = Math.min(hashes.length, MAX_BOUNDARIES);
    return new Prompt(tokens, Arrays.copyOf(hashes, kept), Arrays.copyOf(upTo, kept));
  }

  /// A prompt of which only the length is known.
  public static Prompt of(int tokens) {
    return of(tokens, new long[0], new int[0]);
  }

  /// Its length in tokens, about; 0 when unknown.
  public int tokens() {
    return tokens;
  }

  /// How many boundaries are known.
  public int boundaries() {
    return hashes.length;
  }

  /// The hash of everything up to boundary `i`.
  public long hash(int i) {
    return hashes[i];
  }

  /// Tokens up to boundary `i`.
  public int tokensTo(int i) {
    return upTo[i];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Prompt that
        && tokens == that.tokens
        && Arrays.equals(hashes, that.hashes)
        && Arrays.equals(upTo, that.upTo);
  }

  @Override
  public int hashCode() {
    return 31 * tokens + Arrays.hashCode(hashes);
  }

  @Override
  public String toString() {
    return tokens + " tokens, " + hashes.length + " boundaries";
  }
}
