package dev.tutti.fleet;

import dev.tutti.core.ModelName;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a model is for, told from its capabilities and, where they are silent, from its name: pure.
public final class ModelTypes {
  private static final Set<String> EMBEDDING_WORDS = Set.of("bge", "minilm", "e5", "gte", "sbert");
  private static final Set<String> CODE_WORDS =
      Set.of("code", "devstral", "starcoder2", "sqlcoder", "coder");
  private static final Set<String> VISION_WORDS =
      Set.of("vision", "vl", "vlm", "moondream", "pixtral", "smolvlm");

  private ModelTypes() {}

  /// The type of a model.
  ///
  /// @param capabilities in Ollama's words, empty when the engine says nothing
  public static ModelType classify(ModelName name, List<String> capabilities) {
    String text = name.value().toLowerCase(Locale.ROOT);
    String[] words = text.split("[^a-z0-9]+", -1);
    if (capabilities.contains("embedding") && !capabilities.contains("completion")) {
      return ModelType.EMBEDDING;
    }
    if (capabilities.isEmpty() && embeds(text, words)) {
      return ModelType.EMBEDDING;
    }
    if (codes(words)) {
      return ModelType.CODE;
    }
    if (capabilities.contains("vision") || sees(text, words)) {
      return ModelType.VISION;
    }
    return ModelType.TEXT;
  }

  private static boolean embeds(String text, String[] words) {
    return text.contains("embed") || anyOf(words, EMBEDDING_WORDS);
  }

  private static boolean codes(String[] words) {
    for (String word : words) {
      // codellama, codestral, codegemma; wizardcoder, starcoder; but neither encoder nor decoder.
      boolean coder =
          word.endsWith("coder") && !word.endsWith("encoder") && !word.endsWith("decoder");
      if (coder || word.startsWith("code") || word.startsWith("starcoder")) {
        return true;
      }
    }
    return anyOf(words, CODE_WORDS);
  }

  private static boolean sees(String text, String[] words) {
    if (text.contains("llava") || text.contains("minicpm-v") || anyOf(words, VISION_WORDS)) {
      return true;
    }
    for (String word : words) {
      // internvl, 5vl of qwen2.5vl
      if (word.endsWith("vl")) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyOf(String[] words, Set<String> known) {
    for (String word : words) {
      if (known.contains(word)) {
        return true;
      }
    }
    return false;
  }
}
