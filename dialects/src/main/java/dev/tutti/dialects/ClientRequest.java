package dev.tutti.dialects;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// A client's request, parsed: what is to be done and how the client wants to hear of it.
///
/// @param work what is to be done
/// @param stream whether the client wants the answer as it comes
/// @param sketch what only the writer of the answer has to know
/// @param affinity what ties a conversation together, where the body says it; empty otherwise
public record ClientRequest(Work work, boolean stream, AnswerSketch sketch, String affinity) {
  /// A request whose body names no conversation.
  public ClientRequest(Work work, boolean stream, AnswerSketch sketch) {
    this(work, stream, sketch, "");
  }

  /// What the writer of the answer has to know about the request.
  ///
  /// @param endpoint the endpoint that was called
  /// @param model the model's name exactly as the client wrote it: it is echoed
  /// @param includeUsage whether an OpenAI stream ends with a usage chunk
  /// @param base64 whether an OpenAI embedding is to be base64 of little-endian floats
  /// @param echo request fields that the answer repeats, by name
  public record AnswerSketch(
      Endpoint endpoint,
      String model,
      boolean includeUsage,
      boolean base64,
      Map<String, JsonNode> echo) {
    /// Copies the map.
    public AnswerSketch {
      echo = Map.copyOf(echo);
    }

    /// For an answer that repeats nothing.
    public AnswerSketch(Endpoint endpoint, String model, boolean includeUsage, boolean base64) {
      this(endpoint, model, includeUsage, base64, Map.of());
    }
  }

  /// The endpoints that carry work.
  public enum Endpoint {
    OPENAI_CHAT,
    OPENAI_COMPLETIONS,
    OPENAI_EMBEDDINGS,
    OLLAMA_CHAT,
    OLLAMA_GENERATE,
    OLLAMA_EMBED,
    OLLAMA_EMBEDDINGS,
    ANTHROPIC_MESSAGES,
    ANTHROPIC_COUNT_TOKENS
  }
}
