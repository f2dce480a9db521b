package dev.tutti.paced;

import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One request for work, whatever dialect it came in.
///
/// `promptTokens` may be 0 together with {@link Want.Nothing}: then the model is loaded and nothing
/// else. `maxTokens` is the client's own limit, or {@link PaceProfile#ENDLESS}. `contextTokens` is
/// 0 for the engine's default. `loadOptions` is equal for requests that can share a loaded model.
/// `begunTokens` of the answer are there already: it goes on behind them.
record Ask(
    PacedModel model,
    long promptTokens,
    int maxTokens,
    long seed,
    int contextTokens,
    Duration keepAlive,
    Want want,
    String loadOptions,
    int begunTokens) {
  /// With the engine's own options.
  Ask(
      PacedModel model,
      long promptTokens,
      int maxTokens,
      long seed,
      int contextTokens,
      Duration keepAlive,
      Want want) {
    this(model, promptTokens, maxTokens, seed, contextTokens, keepAlive, want, "", 0);
  }

  /// The same, for an answer that has begun.
  Ask goingOn(int begun) {
    return new Ask(
        model, promptTokens, maxTokens, seed, contextTokens, keepAlive, want, loadOptions, begun);
  }

  /// What the answer is made of.
  sealed interface Want {
    /// Words, after thinking or without.
    record Prose(Thinking thinking) implements Want {}

    /// One tool call.
    record ToolCall(String id, String tool, JsonNode arguments, Thinking thinking)
        implements Want {}

    /// A JSON document.
    record Document(JsonNode value) implements Want {}

    /// These very words.
    record Line(String text) implements Want {}

    /// No tokens: embeddings, or loading a model.
    record Nothing() implements Want {}
  }

  /// Whether the answer begins with thinking.
  enum Thinking {
    SHOWN,
    NONE
  }

  /// The tool call a simulated model makes when tools are offered: the forced tool, else the one
  /// that the last message names, else the first.
  static Want toolCall(
      Iterable<OfferedTool> tools, String forced, String lastText, String id, Thinking thinking) {
    OfferedTool chosen = null;
    for (OfferedTool tool : tools) {
      boolean better = forced.isEmpty() ? lastText.contains(tool.name) : tool.name.equals(forced);
      if (chosen == null || better) {
        chosen = tool;
        if (better) {
          break;
        }
      }
    }
    return Optional.ofNullable(chosen)
        .<Want>map(tool ->
            new Want.ToolCall(id, tool.name, SampleJson.of(tool.parametersSchema), thinking))
        .orElseGet(() -> new Want.Prose(thinking));
  }

  /// A tool the client offers.
  record OfferedTool(String name, JsonNode parametersSchema) {}
}
