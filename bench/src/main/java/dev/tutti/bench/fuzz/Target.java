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
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// What can be fuzzed: a codec that reads bytes of strangers.
///
/// @param text the name on the command line and of the corpus
/// @param check takes any bytes and throws an {@link AssertionError} when a promise is broken;
///   every other exception is a finding too
/// @param seeds valid inputs, written by our own encoders where there are any
public record Target(String text, Consumer<byte[]> check, Supplier<List<byte[]>> seeds) {
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
          new Target("node-reports", Newcomers::report, Seeds::reports),
          // What clients send beside a body in a dialect.
          new Target("credentials", Callers::credentials, Seeds::credentials),
          new Target("request-heads", Callers::heads, Seeds::heads),
          new Target("encoded-bodies", Callers::encoded, Seeds::encoded),
          new Target("commands", Callers::command, Seeds::commands),
          new Target("grpc-submissions", Callers::submission, Seeds::submissions),
          // Between hub and agents.
          new Target("enrolment", Newcomers::enrolment, Seeds::enrolment),
          new Target("join-tokens", Newcomers::token, Seeds::tokens),
          new Target("certificates", Newcomers::certificates, Seeds::certificates),
          new Target("link-messages", Newcomers::messages, Seeds::messages),
          // What engines and the LAN say of themselves.
          new Target("engine-facts", Neighbours::engine, Seeds::engines),
          new Target("mdns-packets", Neighbours::packet, Seeds::packets),
          // An owner's files, and what an agent remembers.
          new Target("settings", Owners::settings, OwnersSeeds::settings),
          new Target("workers-file", Owners::workers, OwnersSeeds::workers),
          new Target("membership", Owners::membership, OwnersSeeds::membership),
          new Target("fleets", Owners::fleet, OwnersSeeds::fleets),
          new Target("traces", Owners::trace, OwnersSeeds::traces));

  /// A target whose corpus is all it begins with.
  Target(String text, Consumer<byte[]> check) {
    this(text, check, List::of);
  }

  /// Runs one input through, within {@link Bounds}.
  public void run(byte[] input) {
    Bounds.within(input, check);
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
