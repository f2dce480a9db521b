package dev.tutti.bench.fuzz;

import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.dialects.AnthropicRequests;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.OpenAiRequests;
import dev.tutti.dialects.RerankRequests;
import dev.tutti.dialects.ResponsesRequests;
import dev.tutti.dialects.TranscriptionRequests;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What can be fuzzed: a codec that reads bytes of strangers.
///
/// @param text the name on the command line and of the corpus
/// @param check takes any bytes and throws an {@link AssertionError} when a promise is broken;
///   every other exception is a finding too
public record Target(String text, Consumer<byte[]> check) {
  private static final EngineDialect OPENAI = OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER);
  private static final EngineDialect VLLM = OpenAiEngine.of(OpenAiEngine.Flavour.VLLM);
  private static final EngineDialect OLLAMA = new OllamaEngine();
  private static final EngineDialect ANTHROPIC = new AnthropicEngine();

  /// Every target.
  public static final List<Target> ALL =
      List.of(
          new Target(
              "openai-requests",
              Requests.check(
                  Dialect.OPENAI,
                  List.of(
                      OpenAiRequests::chat,
                      OpenAiRequests::completions,
                      OpenAiRequests::embeddings))),
          new Target(
              "ollama-requests",
              Requests.check(
                  Dialect.OLLAMA,
                  List.of(
                      OllamaRequests::chat,
                      OllamaRequests::generate,
                      OllamaRequests::embed,
                      OllamaRequests::embeddings))),
          new Target(
              "anthropic-requests",
              Requests.check(
                  Dialect.ANTHROPIC,
                  List.of(AnthropicRequests::messages, AnthropicRequests::countTokens))),
          new Target(
              "responses-requests",
              Requests.check(
                  Dialect.OPENAI,
                  List.of(ResponsesRequests::create, ResponsesRequests::inputTokens))),
          new Target(
              "rerank-and-audio-requests",
              Requests.check(
                  Dialect.OPENAI,
                  List.of(
                      RerankRequests::read,
                      body ->
                          TranscriptionRequests.read(body, "multipart/form-data; boundary=b")))),
          // A body as it comes: the readers of server-sent events and of lines of JSON.
          new Target("sse", Answers.raw(OPENAI)),
          new Target("ndjson", Answers.raw(OLLAMA)),
          // Records in good frames, so that the fuzzer need not find the frames.
          new Target("openai-records", Answers.framed(OPENAI, "data: ", "\n\n")),
          new Target("ollama-records", Answers.framed(OLLAMA, "", "\n")),
          new Target("anthropic-records", Answers.framed(ANTHROPIC, "data: ", "\n\n")),
          new Target("vectors", Answers.vectors(OPENAI, OLLAMA)),
          new Target("small-answers", Answers.small(OPENAI, VLLM, OLLAMA, ANTHROPIC)),
          new Target("batch-lines", Edges::batchLine),
          new Target("file-forms", Edges::form),
          new Target("audit-log", Edges::auditLog),
          new Target("addresses", Edges::address),
          new Target("node-reports", Edges::report));

  /// Runs one input through.
  public void run(byte[] input) {
    check.accept(input);
  }

  /// The target of that name.
  static Optional<Target> of(String text) {
    return ALL.stream().filter(target -> target.text().equals(text)).findFirst();
  }

  /// All names, for messages.
  static String names() {
    return ALL.stream().map(Target::text).collect(Collectors.joining(", "));
  }
}
