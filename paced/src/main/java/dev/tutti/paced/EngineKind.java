package dev.tutti.paced;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// Which engine is played: its fingerprint, its paths, and when it loads a model.
public enum EngineKind {
  /// Ollama: every dialect, models loaded on demand and dropped when idle.
  OLLAMA,
  /// llama.cpp's server: models loaded at start, 503 until then.
  LLAMA_SERVER,
  /// A server that knows the OpenAI API and nothing else.
  OPENAI,
  /// vLLM: the OpenAI API with its version, health and metrics.
  VLLM,
  /// LM Studio: the OpenAI API with its own model lists, models loaded on demand.
  LM_STUDIO,
  /// A server of the Anthropic Messages API.
  ANTHROPIC;

  /// The name on a command line: `llama-server`, `lm-studio`, …
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The kind with this name.
  public static EngineKind parse(String text) {
    return Arrays.stream(values())
        .filter(kind -> kind.text().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "kind: "
                    + text
                    + " (expected: "
                    + Arrays.stream(values())
                        .map(EngineKind::text)
                        .collect(Collectors.joining(", "))
                    + ")"));
  }

  /// Whether asking for a model that is not in memory loads it.
  boolean loadsOnDemand() {
    return switch (this) {
      case OLLAMA, LM_STUDIO -> true;
      case LLAMA_SERVER, OPENAI, VLLM, ANTHROPIC -> false;
    };
  }
}
