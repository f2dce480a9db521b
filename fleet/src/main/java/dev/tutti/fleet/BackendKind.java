package dev.tutti.fleet;

/// What kind of engine a backend is. Decides its dialect and how many slots it has unless told.
public enum BackendKind {
  /// Ollama: spoken to in its native dialect; one generation at a time unless told otherwise.
  OLLAMA("ollama", 1),
  /// llama.cpp's llama-server: tells its own number of slots.
  LLAMA_SERVER("llama-server", 1),
  /// vLLM: batches continuously.
  VLLM("vllm", 64),
  /// LM Studio.
  LM_STUDIO("lm-studio", 32),
  /// Anything else with an OpenAI-compatible API.
  OPENAI("openai", 32),
  /// A server of Anthropic's Messages API that has no OpenAI-compatible one.
  ANTHROPIC("anthropic", 32);

  private final String wireName;
  private final int defaultSlots;

  BackendKind(String wireName, int defaultSlots) {
    this.wireName = wireName;
    this.defaultSlots = defaultSlots;
  }

  /// The name in APIs, files and tables.
  public String wireName() {
    return wireName;
  }

  /// Attempts at a time when neither the engine nor the owner says.
  public int defaultSlots() {
    return defaultSlots;
  }

  /// Whether it counts a prompt's tokens with the model's own tokenizer.
  public boolean countsTokens() {
    return switch (this) {
      case LLAMA_SERVER, VLLM, ANTHROPIC -> true;
      case OLLAMA, LM_STUDIO, OPENAI -> false;
    };
  }

  /// Whether it can go on with an answer that another engine began, right behind its last letter.
  public boolean continuesAnswers() {
    return switch (this) {
      case LLAMA_SERVER -> true;
      case OLLAMA, VLLM, LM_STUDIO, OPENAI, ANTHROPIC -> false;
    };
  }

  /// Whether its list of models says which of them think. Of the others every model may.
  public boolean tellsThinking() {
    return switch (this) {
      case OLLAMA -> true;
      case LLAMA_SERVER, VLLM, LM_STUDIO, OPENAI, ANTHROPIC -> false;
    };
  }
}
