package dev.tutti.simulate;

import dev.tutti.dispatch.Prompt;
import java.util.LinkedHashMap;
import java.util.Map;

/// The beginnings of prompts that one engine still has for one model: blocks of tokens, those used
/// longest ago dropped first.
final class PrefixCache {
  /// Hash of everything up to a block's end → tokens of the block; the least recently used first.
  private final Map<Long, Integer> blocks = new LinkedHashMap<>(64, 0.75f, true);

  private final long mostTokens;
  private long tokens;

  PrefixCache(long mostTokens) {
    this.mostTokens = mostTokens;
  }

  /// How many tokens of the prompt need not be read again: its longest beginning that is there. The
  /// last token is always read, since the answer begins with what the model makes of it.
  int held(Prompt prompt) {
    int held = 0;
    for (int i = 0; i < prompt.boundaries() && blocks.containsKey(prompt.hash(i)); i++) {
      held = prompt.tokensTo(i);
    }
    return Math.max(0, Math.min(held, prompt.tokens() - 1));
  }

  /// The prompt was read: all its blocks are there. A block is of no use without those before it,
  /// so the first of them counts as used last.
  void add(Prompt prompt) {
    for (int i = prompt.boundaries() - 1; i >= 0; i--) {
      int length = prompt.tokensTo(i) - (i == 0 ? 0 : prompt.tokensTo(i - 1));
      Integer before = blocks.put(prompt.hash(i), length);
      tokens += length - (before == null ? 0 : before);
    }
    var oldest = blocks.values().iterator();
    while (tokens > mostTokens && oldest.hasNext()) {
      tokens -= oldest.next();
      oldest.remove();
    }
  }

  long tokens() {
    return tokens;
  }
}
