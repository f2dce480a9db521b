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
  ///
  /// @param stopText the stop text the model ran into, empty where the engine does not say
  record Finish(Reason reason, String stopText) implements Delta {
    /// An end whose stop text nobody told.
    public Finish(Reason reason) {
      this(reason, "");
    }
  }

  /// The seal that Anthropic puts on a block of reasoning, so that it can be handed back unchanged.
  /// It belongs to the reasoning that came before it.
  record Seal(String signature) implements Delta {}

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

  /// How many tokens a prompt has, as the engine counts.
  record Counted(int tokens) implements Delta {}

  /// Documents by how well they answer a question, best first.
  record Ranking(List<Rank> ranks) implements Delta {
    /// Copies the list.
    public Ranking {
      ranks = List.copyOf(ranks);
    }
  }

  /// One document's place.
  ///
  /// @param index which of the request's documents, from 0
  /// @param relevance the engine's score; its range is the model's own
  record Rank(int index, double relevance) {}

  /// What was said in a recording, in the form that was asked for.
  ///
  /// @param body the engine's answer: not a copy, not to be changed
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to a socket, never compared
  record Transcript(byte[] body) implements Delta {}

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
