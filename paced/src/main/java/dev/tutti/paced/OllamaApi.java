package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Ollama's own paths. Source: Ollama's `docs/api.md` and `docs/openapi.yaml`.
record OllamaApi(Machine machine) implements Api {
  static final String VERSION = "0.33.0-simulated";

  private static final String MODIFIED_AT = "2026-01-01T00:00:00Z";
  private static final List<String> LOAD_OPTIONS =
      List.of(
          "num_batch",
          "num_gpu",
          "main_gpu",
          "num_thread",
          "use_mmap",
          "use_mlock",
          "numa",
          "low_vram",
          "draft_num_predict");
  private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");

  @Override
  public boolean handle(Exchange exchange) {
    if (exchange.reads("/")) {
      exchange.answer(200, "text/plain; charset=utf-8", "Ollama is running");
    } else if (exchange.reads("/api/version")) {
      exchange.answer(200, marked().put("version", VERSION));
    } else if (exchange.reads("/api/tags")) {
      exchange.answer(200, tags());
    } else if (exchange.reads("/api/ps")) {
      exchange.answer(200, running());
    } else if (exchange.posts("/api/show")) {
      exchange.answer(200, show(exchange.json()));
    } else if (exchange.posts("/api/chat")) {
      chat(exchange, exchange.json());
    } else if (exchange.posts("/api/generate")) {
      generate(exchange, exchange.json());
    } else if (exchange.posts("/api/embed")) {
      embed(exchange, exchange.json());
    } else if (exchange.posts("/api/embeddings")) {
      embeddings(exchange, exchange.json());
    } else {
      return new OllamaStock(machine).handle(exchange);
    }
    return true;
  }

  private ObjectNode tags() {
    ObjectNode body = marked();
    var list = body.putArray("models");
    machine.models().forEach(model -> list.add(describe(model).put("modified_at", MODIFIED_AT)));
    return body;
  }

  private ObjectNode running() {
    ObjectNode body = marked();
    var list = body.putArray("models");
    for (var resident : machine.residents().list()) {
      machine.models().stream()
          .filter(model -> model.name().equals(resident.model()))
          .forEach(model ->
              list.add(
                  describe(model)
                      .put("expires_at", resident.expiresAt().toString())
                      .put("size_vram", model.size().value())
                      .put("context_length", resident.contextTokens())));
    }
    return body;
  }

  private static ObjectNode describe(PacedModel model) {
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.put("name", model.name().tagged()).put("model", model.name().tagged());
    entry.put("size", model.size().value()).put("digest", digest(model.name()));
    entry.set("details", details(model));
    return entry;
  }

  private static ObjectNode details(PacedModel model) {
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    details.put("parent_model", "").put("format", "simulated").put("family", "simulated");
    details.putArray("families").add("simulated");
    // A file of four-bit weights has about 0.6 bytes for each parameter.
    double billions = model.size().value() / 0.6e9;
    details.put("parameter_size", String.format(Locale.ROOT, "%.1fB", billions));
    details.put("quantization_level", "simulated");
    return details;
  }

  private static String digest(ModelName model) {
    var digest = new StringBuilder();
    for (int part = 0; part < 4; part++) {
      long bits = Words.mix(Words.hash(model.value()) + part);
      digest.append(String.format(Locale.ROOT, "%016x", bits));
    }
    return digest.toString();
  }

  private ObjectNode show(JsonNode body) {
    PacedModel model = machine.find(modelOf(body), anyRole(modelOf(body)));
    ObjectNode answer = marked();
    answer.put("license", "").put("modelfile", "# simulated\n").put("parameters", "");
    answer.put("template", "{{ .Prompt }}").put("modified_at", MODIFIED_AT);
    answer.set("details", details(model));
    answer
        .putObject("model_info")
        .put("general.architecture", "simulated")
        .put("simulated.context_length", model.contextTokens())
        .put("simulated.embedding_length", machine.profile().embeddingDimension());
    var capabilities = answer.putArray("capabilities");
    for (PacedModel.Role role : PacedModel.Role.values()) {
      if (model.can(role)) {
        capabilitiesOf(role).forEach(capabilities::add);
      }
    }
    return answer;
  }

  static List<String> capabilitiesOf(PacedModel.Role role) {
    return switch (role) {
      case CHAT -> List.of("completion", "tools");
      case EMBED -> List.of("embedding");
      case THINK -> List.of("thinking");
      case VISION -> List.of("vision");
    };
  }

  private PacedModel.Role anyRole(String name) {
    return machine.models().stream()
        .filter(model -> !name.isEmpty() && model.name().equals(new ModelName(name)))
        .map(
            model -> model.can(PacedModel.Role.CHAT) ? PacedModel.Role.CHAT : PacedModel.Role.EMBED)
        .findFirst()
        .orElse(PacedModel.Role.CHAT);
  }

  private void chat(Exchange exchange, JsonNode body) {
    requireModel(body);
    var format = new OllamaAnswer(machine, modelOf(body), OllamaAnswer.Shape.CHAT);
    if (body.path("messages").isEmpty()) {
      loadOrUnload(exchange, body, format);
      return;
    }
    PacedModel model = machine.find(modelOf(body), PacedModel.Role.CHAT);
    var prompt = Prompt.ofMessages(body.path("messages"), body.path("system"));
    Ask.Thinking thinking = thinking(body, model);
    Ask.Want want = form(body, thinking);
    var tools = OpenAiApi.tools(body.path("tools"));
    String id = "call_" + machine.nextId();
    boolean answersTool = prompt.lastTurn() == Prompt.LastTurn.TOOL_RESULT;
    if (!answersTool && !body.path("tools").isEmpty()) {
      want = Ask.toolCall(tools, "", prompt.lastText(), id, thinking);
    }
    want = machine.played(prompt, tools, id, want);
    Answer.give(machine, exchange, ask(body, model, prompt, want), format, delivery(body));
  }

  private void generate(Exchange exchange, JsonNode body) {
    requireModel(body);
    var format = new OllamaAnswer(machine, modelOf(body), OllamaAnswer.Shape.GENERATE);
    if (body.path("prompt").asString("").isEmpty()) {
      loadOrUnload(exchange, body, format);
      return;
    }
    PacedModel model = machine.find(modelOf(body), PacedModel.Role.CHAT);
    var prompt = Prompt.ofText(body.path("prompt"));
    Ask.Want want = form(body, thinking(body, model));
    Answer.give(machine, exchange, ask(body, model, prompt, want), format, delivery(body));
  }

  private void loadOrUnload(Exchange exchange, JsonNode body, OllamaAnswer format) {
    PacedModel model = machine.find(modelOf(body), anyRole(modelOf(body)));
    if (keepAlive(body.path("keep_alive")).isZero()) {
      machine.residents().unload(model.name());
      exchange.answer(200, format.withoutWork("unload"));
      return;
    }
    var nothing = new Prompt(0, "", Prompt.LastTurn.OTHER, 0);
    Answer.give(
        machine,
        exchange,
        ask(body, model, nothing, new Ask.Want.Nothing()),
        new WholeAnswer(_ -> format.withoutWork("load")),
        Answer.Delivery.WHOLE);
  }

  private void embed(Exchange exchange, JsonNode body) {
    requireModel(body);
    PacedModel model = machine.find(modelOf(body), PacedModel.Role.EMBED);
    List<String> inputs =
        body.path("input").isMissingNode() ? List.of() : Prompt.inputs(body.path("input"));
    int dimension = dimension(body.path("dimensions"));
    giveVectors(
        exchange,
        body,
        model,
        inputs,
        spent -> {
          ObjectNode answer = marked().put("model", modelOf(body));
          var rows = answer.putArray("embeddings");
          for (String input : inputs) {
            var row = rows.addArray();
            for (float part : Vectors.of(input, dimension)) {
              row.add(part);
            }
          }
          return answer
              .put("total_duration", spent.totalNanos())
              .put("load_duration", spent.loadNanos())
              .put("prompt_eval_count", spent.promptTokens());
        });
  }

  private void embeddings(Exchange exchange, JsonNode body) {
    requireModel(body);
    PacedModel model = machine.find(modelOf(body), PacedModel.Role.EMBED);
    String input = body.path("prompt").asString("");
    giveVectors(
        exchange,
        body,
        model,
        List.of(input),
        _ -> {
          ObjectNode answer = marked();
          var row = answer.putArray("embedding");
          for (float part : Vectors.of(input, machine.profile().embeddingDimension())) {
            row.add(part);
          }
          return answer;
        });
  }

  private void giveVectors(
      Exchange exchange,
      JsonNode body,
      PacedModel model,
      List<String> inputs,
      Function<Spent, JsonNode> answer) {
    long tokens = inputs.stream().mapToLong(Words::count).sum();
    var prompt = new Prompt(tokens, "", Prompt.LastTurn.OTHER, 0);
    Answer.give(
        machine,
        exchange,
        ask(body, model, prompt, new Ask.Want.Nothing()),
        new WholeAnswer(answer),
        Answer.Delivery.WHOLE);
  }

  private int dimension(JsonNode wanted) {
    int full = machine.profile().embeddingDimension();
    return Math.clamp(wanted.asInt(full), 1, full);
  }

  private static Ask ask(JsonNode body, PacedModel model, Prompt prompt, Ask.Want want) {
    JsonNode options = body.path("options");
    int limit = options.path("num_predict").asInt(-1);
    return new Ask(
        model,
        prompt.tokens(),
        limit < 0 ? PaceProfile.ENDLESS : limit,
        options.path("seed").asLong(Words.hash(prompt.lastText())),
        options.path("num_ctx").asInt(0),
        keepAlive(body.path("keep_alive")),
        want,
        loadOptions(options),
        0);
  }

  /// Every option but the context that makes Ollama load a model anew when it changes.
  private static String loadOptions(JsonNode options) {
    var chosen = new StringBuilder();
    for (String name : LOAD_OPTIONS) {
      if (options.hasNonNull(name)) {
        chosen.append(name).append('=').append(options.get(name)).append(' ');
      }
    }
    return chosen.toString();
  }

  private static Ask.Want form(JsonNode body, Ask.Thinking thinking) {
    JsonNode format = body.path("format");
    if (format.isObject()) {
      return new Ask.Want.Document(SampleJson.of(format));
    }
    return format.asString("").equals("json")
        ? new Ask.Want.Document(marked())
        : new Ask.Want.Prose(thinking);
  }

  private static Ask.Thinking thinking(JsonNode body, PacedModel model) {
    JsonNode think = body.path("think");
    boolean off = think.isBoolean() && !think.booleanValue();
    if (!model.can(PacedModel.Role.THINK)) {
      if (!think.isMissingNode() && !think.isNull() && !off) {
        throw Machine.refusal(
            FailureCode.INVALID_REQUEST, "\"" + modelOf(body) + "\" does not support thinking");
      }
      return Ask.Thinking.NONE;
    }
    return off ? Ask.Thinking.NONE : Ask.Thinking.SHOWN;
  }

  private static Answer.Delivery delivery(JsonNode body) {
    return body.path("stream").asBoolean(true) ? Answer.Delivery.STREAM : Answer.Delivery.WHOLE;
  }

  private static String modelOf(JsonNode body) {
    return body.path("model").asString(body.path("name").asString(""));
  }

  private static void requireModel(JsonNode body) {
    if (modelOf(body).isEmpty()) {
      throw Machine.refusal(FailureCode.INVALID_REQUEST, "model is required");
    }
  }

  /// A number of seconds or a Go duration; negative means for ever, absent five minutes.
  static Duration keepAlive(JsonNode value) {
    if (value.isNumber()) {
      double seconds = value.asDouble();
      return seconds < 0 ? Residents.FOREVER : Duration.ofMillis(Math.round(seconds * 1000));
    }
    String text = value.asString("").strip();
    if (text.isEmpty()) {
      return Residents.DEFAULT_KEEP_ALIVE;
    }
    if (text.startsWith("-")) {
      return Residents.FOREVER;
    }
    double millis = 0;
    for (Matcher part = DURATION_PART.matcher(text); part.find(); ) {
      double unit =
          switch (part.group(2)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            default -> 3_600_000;
          };
      millis += Double.parseDouble(part.group(1)) * unit;
    }
    Duration sum = Duration.ofMillis(Math.round(millis));
    return sum.compareTo(Residents.FOREVER) > 0 ? Residents.FOREVER : sum;
  }

  static ObjectNode marked() {
    return JsonNodeFactory.instance.objectNode().put("simulated", true);
  }
}
