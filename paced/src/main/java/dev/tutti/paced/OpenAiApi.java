package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The OpenAI paths that every kind of engine but Anthropic's has. Source: the OpenAI API
/// reference.
record OpenAiApi(Machine machine) implements Api {
  @Override
  public boolean handle(Exchange exchange) {
    if (exchange.reads("/v1/models")) {
      exchange.answer(200, models());
    } else if (exchange.posts("/v1/chat/completions")) {
      chat(exchange, exchange.json());
    } else if (exchange.posts("/v1/completions")) {
      complete(exchange, exchange.json());
    } else if (exchange.posts("/v1/embeddings")) {
      embed(exchange, exchange.json());
    } else {
      return false;
    }
    return true;
  }

  private ObjectNode models() {
    ObjectNode body = OllamaApi.marked().put("object", "list");
    var data = body.putArray("data");
    EngineKind kind = machine.profile().kind();
    for (PacedModel model : machine.models()) {
      ObjectNode entry = data.addObject();
      entry.put("id", model.name().value()).put("object", "model").put("created", 1_767_225_600);
      entry.put("simulated", true).put("owned_by", owner(kind));
      switch (kind) {
        case LLAMA_SERVER ->
            entry
                .putObject("meta")
                .put("n_ctx", model.contextTokens())
                .put("n_ctx_train", model.contextTokens())
                .put("n_embd", machine.profile().embeddingDimension())
                .put("n_params", params(model))
                .put("size", model.size().value());
        case VLLM ->
            entry.put("root", model.name().value()).put("max_model_len", model.contextTokens());
        case OLLAMA, OPENAI, LM_STUDIO, ANTHROPIC -> {}
      }
    }
    return body;
  }

  /// As many as weigh that much with four bits and a half each.
  private static long params(PacedModel model) {
    return model.size().value() * 16 / 9;
  }

  private static String owner(EngineKind kind) {
    return switch (kind) {
      case LLAMA_SERVER -> "llamacpp";
      case VLLM -> "vllm";
      case OLLAMA -> "library";
      case OPENAI, LM_STUDIO, ANTHROPIC -> "simulated";
    };
  }

  private void chat(Exchange exchange, JsonNode body) {
    PacedModel model = machine.find(body.path("model").asString(""), PacedModel.Role.CHAT);
    if (!body.path("messages").isArray()) {
      throw Machine.refusal(FailureCode.INVALID_REQUEST, "messages: none (expected: an array)");
    }
    var prompt = Prompt.ofMessages(body.path("messages"), JsonNodeFactory.instance.missingNode());
    boolean thinks =
        model.can(PacedModel.Role.THINK)
            && !body.path("reasoning_effort").asString("").equals("none")
            && body.path("chat_template_kwargs").path("enable_thinking").asBoolean(true);
    Ask.Thinking thinking = thinks ? Ask.Thinking.SHOWN : Ask.Thinking.NONE;
    Ask.Want want =
        machine.played(
            prompt,
            tools(body.path("tools")),
            "call_" + machine.nextId(),
            want(body, prompt, thinking));
    give(exchange, body, model, prompt, want, OpenAiAnswer.Shape.CHAT);
  }

  private Ask.Want want(JsonNode body, Prompt prompt, Ask.Thinking thinking) {
    JsonNode choice = body.path("tool_choice");
    boolean allowed = !choice.asString("").equals("none");
    boolean answersTool = prompt.lastTurn() == Prompt.LastTurn.TOOL_RESULT;
    if (allowed && !answersTool && !body.path("tools").isEmpty()) {
      String forced = choice.path("function").path("name").asString("");
      String id = "call_" + machine.nextId();
      return Ask.toolCall(tools(body.path("tools")), forced, prompt.lastText(), id, thinking);
    }
    JsonNode format = body.path("response_format");
    return switch (format.path("type").asString("")) {
      case "json_schema" ->
          new Ask.Want.Document(SampleJson.of(format.path("json_schema").path("schema")));
      case "json_object" -> new Ask.Want.Document(OllamaApi.marked());
      default -> new Ask.Want.Prose(thinking);
    };
  }

  private void complete(Exchange exchange, JsonNode body) {
    PacedModel model = machine.find(body.path("model").asString(""), PacedModel.Role.CHAT);
    var prompt = Prompt.ofText(body.path("prompt"));
    var want = new Ask.Want.Prose(Ask.Thinking.NONE);
    give(exchange, body, model, prompt, want, OpenAiAnswer.Shape.TEXT);
  }

  private void give(
      Exchange exchange,
      JsonNode body,
      PacedModel model,
      Prompt prompt,
      Ask.Want want,
      OpenAiAnswer.Shape shape) {
    var usage =
        body.path("stream_options").path("include_usage").asBoolean(false)
            ? OpenAiAnswer.Usage.INCLUDED
            : OpenAiAnswer.Usage.LEFT_OUT;
    var format = new OpenAiAnswer(machine, body.path("model").asString(""), shape, usage);
    var delivery =
        body.path("stream").asBoolean(false) ? Answer.Delivery.STREAM : Answer.Delivery.WHOLE;
    Ask ask = ask(body, model, prompt, want);
    Answer.give(machine, exchange, goingOn(body, ask), format, delivery);
  }

  private static Ask ask(JsonNode body, PacedModel model, Prompt prompt, Ask.Want want) {
    int limit = body.path("max_completion_tokens").asInt(body.path("max_tokens").asInt(-1));
    return new Ask(
        model,
        prompt.tokens(),
        limit < 0 ? PaceProfile.ENDLESS : limit,
        body.path("seed").asLong(Words.hash(prompt.lastText())),
        0,
        Residents.DEFAULT_KEEP_ALIVE,
        want);
  }

  /// llama-server goes on with an answer that somebody began, where it is told to.
  private Ask goingOn(JsonNode body, Ask ask) {
    boolean told = body.path("continue_final_message").asBoolean(false);
    if (!told || machine.profile().kind() != EngineKind.LLAMA_SERVER) {
      return ask;
    }
    JsonNode messages = body.path("messages");
    String begun = messages.path(messages.size() - 1).path("content").asString("");
    int tokens = Words.tokensIn(machine.profile().name(), ask.seed(), begun);
    if (tokens < 0) {
      throw Machine.refusal(
          FailureCode.INVALID_REQUEST, "seed: the answer to it begins otherwise (expected: set)");
    }
    return ask.goingOn(tokens);
  }

  private void embed(Exchange exchange, JsonNode body) {
    if (machine.profile().kind() == EngineKind.LLAMA_SERVER && !body.has("input")) {
      // The real one looks at its mode, then at the input, and never at the model's name.
      boolean embeds = machine.models().stream().anyMatch(m -> m.can(PacedModel.Role.EMBED));
      throw embeds
          ? Machine.refusal(FailureCode.INVALID_REQUEST, "\"input\" must be provided")
          : Machine.refusal(FailureCode.UNSUPPORTED, "This server does not support embeddings");
    }
    PacedModel model = machine.find(body.path("model").asString(""), PacedModel.Role.EMBED);
    List<String> inputs = Prompt.inputs(body.path("input"));
    int full = machine.profile().embeddingDimension();
    int dimension = Math.clamp(body.path("dimensions").asInt(full), 1, full);
    boolean base64 = body.path("encoding_format").asString("float").equals("base64");
    long tokens = inputs.stream().mapToLong(Words::count).sum();
    var format =
        new WholeAnswer(spent -> {
          ObjectNode answer = OllamaApi.marked().put("object", "list");
          answer.put("model", body.path("model").asString(""));
          var data = answer.putArray("data");
          for (int i = 0; i < inputs.size(); i++) {
            ObjectNode entry = data.addObject().put("object", "embedding").put("index", i);
            float[] vector = Vectors.of(inputs.get(i), dimension);
            if (base64) {
              entry.put("embedding", Vectors.base64(vector));
            } else {
              var row = entry.putArray("embedding");
              for (float part : vector) {
                row.add(part);
              }
            }
          }
          answer
              .putObject("usage")
              .put("prompt_tokens", spent.promptTokens())
              .put("total_tokens", spent.promptTokens());
          return answer;
        });
    var prompt = new Prompt(tokens, "", Prompt.LastTurn.OTHER, 0);
    Ask ask = ask(body, model, prompt, new Ask.Want.Nothing());
    Answer.give(machine, exchange, ask, format, Answer.Delivery.WHOLE);
  }

  /// The functions in a `tools` array; other sorts of tools are left out.
  static List<Ask.OfferedTool> tools(JsonNode tools) {
    List<Ask.OfferedTool> offered = new ArrayList<>();
    for (JsonNode tool : tools.values()) {
      JsonNode function = tool.path("function");
      if (function.path("name").isString()) {
        offered.add(
            new Ask.OfferedTool(function.path("name").stringValue(), function.path("parameters")));
      }
    }
    return offered;
  }
}
