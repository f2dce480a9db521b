package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.MeshException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

class RequestGoldenTest {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  static List<String> requests() {
    return Golden.names("requests");
  }

  static ClientRequest parse(String name, byte[] body) {
    return switch (name.substring(0, name.indexOf('.'))) {
      case "openai-chat" -> OpenAiRequests.chat(body);
      case "openai-completions" -> OpenAiRequests.completions(body);
      case "openai-embeddings" -> OpenAiRequests.embeddings(body);
      case "openai-responses" -> ResponsesRequests.create(body);
      case "openai-input-tokens" -> ResponsesRequests.inputTokens(body);
      case "ollama-chat" -> OllamaRequests.chat(body);
      case "ollama-generate" -> OllamaRequests.generate(body);
      case "ollama-embed" -> OllamaRequests.embed(body);
      case "ollama-embeddings" -> OllamaRequests.embeddings(body);
      case "anthropic-messages" -> AnthropicRequests.messages(body);
      case "anthropic-count" -> AnthropicRequests.countTokens(body);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @MethodSource("requests")
  void each_request_becomes_what_each_engine_is_told(String name) {
    ClientRequest request = parse(name, Golden.read("requests", name));
    var out = new StringBuilder();
    out.append("stream ").append(request.stream());
    out.append(", needs ").append(request.work().needs().stream().sorted().toList());
    out.append(", ").append(shown(request.sketch())).append('\n');
    if (!request.leftOut().isEmpty()) {
      out.append("left out ").append(request.leftOut()).append('\n');
    }
    var engines = new TreeMap<String, EngineDialect>();
    engines.put("ollama", new OllamaEngine());
    engines.put("anthropic", new AnthropicEngine());
    for (OpenAiEngine.Flavour flavour : OpenAiEngine.Flavour.values()) {
      engines.put(flavour.name(), OpenAiEngine.of(flavour));
    }
    engines.forEach((engine, dialect) ->
        out.append("\n== ")
            .append(engine)
            .append('\n')
            .append(told(dialect, request.work()))
            .append('\n'));
    rest(request.work())
        .ifPresent(rest ->
            out.append("\n== LLAMA_SERVER, the rest of an answer\n")
                .append(told(OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER), rest))
                .append('\n'));
    Golden.check("engines", name.substring(0, name.lastIndexOf('.')) + ".txt", out.toString());
  }

  /// The work after three tokens, if another engine may go on with its answer.
  private static Optional<Work> rest(Work work) {
    Seam seam = Seam.of(work, true);
    List.of(" The", " rest", " is").forEach(text -> seam.take(new Delta.Content(text)));
    return seam.rest();
  }

  /// What is repeated in order of its names: a map has none.
  private static String shown(ClientRequest.AnswerSketch sketch) {
    return sketch.toString().replaceAll("echo=\\{.*", "echo=" + new TreeMap<>(sketch.echo()) + "]");
  }

  private static String told(EngineDialect engine, Work work) {
    EngineDialect.EngineCall call;
    try {
      call = engine.call(work, "engine-name");
    } catch (MeshException e) {
      return e.failure().code() + " " + e.failure().retry() + " " + e.getMessage();
    }
    assertThat(engine.reader(work)).isNotNull();
    String body =
        call.body().length == 0
            ? ""
            : MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(Json.read(call.body()));
    return call.method() + " " + call.path() + "\n" + body;
  }
}
