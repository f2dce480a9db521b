package dev.tutti.dialects;

import dev.tutti.dialects.ClientRequest.AnswerSketch;

/// Makes the writer for the answer to one request.
public final class AnswerWriters {
  private AnswerWriters() {}

  /// The writer for the answer to a request.
  ///
  /// @param stream whether the answer is written as it comes; embeddings, counts, and what loads or
  ///   unloads a model, never are
  public static AnswerWriter of(AnswerSketch sketch, boolean stream, AnswerContext context) {
    return switch (sketch.endpoint()) {
      case OPENAI_CHAT ->
          stream
              ? new OpenAiChatStream(sketch, context)
              : new WholeWriter(Dialect.OPENAI, all -> OpenAiBodies.chat(all, sketch, context));
      case OPENAI_COMPLETIONS ->
          stream
              ? new OpenAiCompletionStream(sketch, context)
              : new WholeWriter(
                  Dialect.OPENAI, all -> OpenAiBodies.completion(all, sketch, context));
      case OPENAI_EMBEDDINGS ->
          new WholeWriter(Dialect.OPENAI, all -> OpenAiBodies.embeddings(all, sketch, context));
      case OLLAMA_CHAT, OLLAMA_GENERATE ->
          stream
              ? new OllamaStream(sketch, context)
              : new WholeWriter(Dialect.OLLAMA, all -> OllamaBodies.answer(all, sketch, context));
      case OLLAMA_EMBED -> new WholeWriter(Dialect.OLLAMA, all -> OllamaBodies.embed(all, sketch));
      case OLLAMA_EMBEDDINGS -> new WholeWriter(Dialect.OLLAMA, OllamaBodies::embeddings);
      case ANTHROPIC_MESSAGES ->
          stream
              ? new AnthropicStream(sketch, context)
              : new WholeWriter(
                  Dialect.ANTHROPIC, all -> AnthropicBodies.message(all, sketch, context));
      case ANTHROPIC_COUNT_TOKENS -> new WholeWriter(Dialect.ANTHROPIC, AnthropicBodies::count);
    };
  }
}
