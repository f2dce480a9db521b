package dev.tutti.app;

import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.OpenAiEngine.Flavour;
import dev.tutti.fleet.BackendKind;

/// Which dialect each kind of engine is spoken to in.
final class EngineDialects {
  private EngineDialects() {}

  static EngineDialect of(BackendKind kind) {
    return switch (kind) {
      case OLLAMA -> new OllamaEngine();
      case LLAMA_SERVER -> OpenAiEngine.of(Flavour.LLAMA_SERVER);
      case VLLM -> OpenAiEngine.of(Flavour.VLLM);
      case LM_STUDIO -> OpenAiEngine.of(Flavour.LM_STUDIO);
      case OPENAI -> OpenAiEngine.of(Flavour.GENERIC);
      case ANTHROPIC -> new AnthropicEngine();
    };
  }
}
