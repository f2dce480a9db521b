package dev.tutti.dialects;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// A piece of an answer, free of any dialect. Only what an engine really said becomes a delta:
/// there are no role deltas and no keep-alives among them.
public sealed interface Delta {
  /// Words of the answer.
  record Content(String text) implements Delta {}

  /// Words of the reasoning before the answer.
  record Reasoning(String text) implements Delta {}

  /// A part of a tool call. The first part of an index carries the name, and the id if there is
  /// one.
  ///
  /// @param index 0 for the first call of the answer
  /// @param id the engine's id, empty where it gave none, which a writer then makes up; empty on
  ///   later parts
  /// @param name the tool's name; empty on later parts
  /// @param arguments a fragment of a JSON object's text, may be empty
  record ToolCall(int index, String id, String name, String arguments) implements Delta {}

  /// Log probabilities of the tokens in the delta before, in OpenAI's `logprobs.content` entries.
  record Logprobs(List<JsonNode> content) implements Delta {
    /// Copies the list.
    public Logprobs {
      content = List.copyOf(content);
    }
  }

  /// The engine's own word that the answer is complete, and why.
  record Finish(Reason reason) implements Delta {}

  /// What the answer cost, as the engine says; 0 where it does not.
  ///
  /// @param loadNanos time spent loading the model
  /// @param promptNanos time spent reading the prompt
  /// @param outputNanos time spent writing
  record Usage(
      int promptTokens,
      int cachedTokens,
      int outputTokens,
      long loadNanos,
      long promptNanos,
      long outputNanos)
      implements Delta {}

  /// All vectors of an embedding request, in order of the inputs.
  record Vectors(List<float[]> vectors) implements Delta {
    /// Copies the list.
    public Vectors {
      vectors = List.copyOf(vectors);
    }
  }

  /// A model was loaded or unloaded as asked.
  record Resident(boolean loaded) implements Delta {}

  /// Why an answer is complete.
  enum Reason {
    /// The model stopped by itself or at a stop text.
    STOP,
    /// The limit of tokens or of the context was reached.
    LENGTH,
    /// The model called tools and waits for their results.
    TOOL_CALLS,
    /// The engine withheld the rest.
    CONTENT_FILTER
  }
}
