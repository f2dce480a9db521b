package dev.tutti.dialects;

/// An API that clients or engines speak.
public enum Dialect {
  /// Ollama's own: `/api/*`, NDJSON.
  OLLAMA,
  /// OpenAI chat, completions and embeddings: `/v1/*`, SSE.
  OPENAI,
  /// Anthropic messages.
  ANTHROPIC
}
