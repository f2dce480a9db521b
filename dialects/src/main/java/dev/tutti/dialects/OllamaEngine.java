package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/// Speaks to Ollama: always its own `/api/*`, always streams.
public final class OllamaEngine implements EngineDialect {
  /// An Ollama.
  public OllamaEngine() {}

  @Override
  public Dialect dialect() {
    return Dialect.OLLAMA;
  }

  @Override
  public EngineCall call(Work work, String model) {
    return call(work, model, OllamaLoad.of(work));
  }

  @Override
  public EngineCall call(Work work, String model, OllamaLoad load) {
    return switch (work) {
      case Work.Chat chat -> post("/api/chat", chat(chat, model), load);
      case Work.Completion completion -> post("/api/generate", generate(completion, model), load);
      case Work.Continued _ ->
          throw EngineErrors.cannotSay("Ollama cannot go on with an answer that was begun");
      case Work.Embedding embedding -> post("/api/embed", embed(embedding, model), load);
      case Work.Residency residency ->
          post(residency.chat() ? "/api/chat" : "/api/generate", residency(residency, model), load);
      case Work.TokenCount _ -> throw EngineErrors.cannotSay("Ollama does not count tokens");
      case Work.Rerank _ -> throw EngineErrors.cannotSay("Ollama does not rerank");
      case Work.Transcription recording -> transcription(recording, model);
    };
  }

  @Override
  public AnswerReader reader(Work work) {
    return switch (work) {
      case Work.Chat _, Work.Completion _, Work.Continued _ -> new OllamaReader();
      case Work.Embedding embedding -> new EmbeddingReader(embedding.inputs().size());
      case Work.Transcription recording -> new TranscriptReader(recording.format());
      case Work.Residency _, Work.TokenCount _, Work.Rerank _ -> new ResidencyReader();
    };
  }

  /// Ollama has no endpoint of its own for recordings, but OpenAI's, with two formats.
  private static EngineCall transcription(Work.Transcription recording, String model) {
    String format = recording.format();
    if (!format.equals("json") && !format.equals("text")) {
      throw EngineErrors.cannotSay(
          "response_format: " + format + ", Ollama does not offer it (expected: json or text)");
    }
    return OpenAiEngine.transcription(recording, model);
  }

  private static EngineCall post(String path, ObjectNode body, OllamaLoad load) {
    load.into(body);
    return new EngineCall("POST", path, Json.bytes(body));
  }

  /// The fields only another Ollama understands, and the model.
  private static ObjectNode begin(Work work, String model) {
    if (work.from() == Dialect.OPENAI && work.extra().containsKey("logit_bias")) {
      throw EngineErrors.cannotSay("logit_bias: Ollama does not offer it (expected: none)");
    }
    ObjectNode body = Json.object();
    if (work.from() == Dialect.OLLAMA) {
      new TreeMap<>(work.extra()).forEach(body::set);
    }
    return body.put("model", model);
  }

  private static ObjectNode chat(Work.Chat chat, String model) {
    ObjectNode body = begin(chat, model).put("stream", true);
    ArrayNode messages = body.putArray("messages");
    var toolNames = new HashMap<String, String>();
    for (int i = 0; i < chat.messages().size(); i++) {
      message(messages.addObject(), chat.messages().get(i), "messages[" + i + "]", toolNames);
    }
    if (!chat.tools().isEmpty() && toolsAllowed(chat.toolChoice())) {
      body.putArray("tools").addAll(chat.tools());
    }
    sampling(body, chat.sampling());
    chat.format().ifPresent(format -> body.set("format", format));
    chat.think().filter(think -> !isWish(chat, think)).ifPresent(think -> think(body, think));
    chat.keepAlive().ifPresent(keepAlive -> body.set("keep_alive", keepAlive));
    return body;
  }

  private static boolean toolsAllowed(Optional<JsonNode> choice) {
    if (choice.isEmpty()) {
      return true;
    }
    return switch (choice.get().isString() ? choice.get().stringValue() : "") {
      case "auto" -> true;
      case "none" -> false;
      default ->
          throw EngineErrors.cannotSay(
              "tool_choice: an Ollama backend cannot be told to call a tool"
                  + " (expected: auto or none)");
    };
  }

  private static void message(
      ObjectNode to, Message message, String at, Map<String, String> toolNames) {
    to.put("role", role(message.role()));
    to.put("content", message.text());
    message.reasoning().ifPresent(reasoning -> to.put("thinking", reasoning));
    for (Part part : message.parts()) {
      switch (part) {
        case Part.Text _ -> {
          // above
        }
        case Part.Image(_, var base64) -> to.withArray("images").add(base64);
        case Part.ImageUrl _ ->
            throw EngineErrors.cannotSay(
                at + ": an Ollama backend takes no images by address (expected: data: URLs)");
      }
    }
    for (Message.ToolCall call : message.toolCalls()) {
      ObjectNode node = to.withArray("tool_calls").addObject();
      if (!call.id().isEmpty()) {
        node.put("id", call.id());
        toolNames.put(call.id(), call.name());
      }
      ObjectNode function = node.putObject("function");
      function.put("name", call.name()).set("arguments", ToolArguments.required(call, at));
    }
    if (message.role() == Message.Role.TOOL) {
      message.toolCallId().ifPresent(id -> to.put("tool_call_id", id));
      message
          .toolCallId()
          .map(toolNames::get)
          .or(message::name)
          .ifPresent(name -> to.put("tool_name", name));
    }
  }

  private static String role(Message.Role role) {
    return switch (role) {
      case SYSTEM, DEVELOPER -> "system";
      case USER, ASSISTANT, TOOL -> role.name().toLowerCase(Locale.ROOT);
    };
  }

  /// Anthropic's clients ask every model to think, and Ollama refuses that to one that cannot. One
  /// that can thinks unless told otherwise.
  private static boolean isWish(Work.Chat chat, JsonNode think) {
    return chat.from() == Dialect.ANTHROPIC && !BooleanNode.FALSE.equals(think);
  }

  private static void think(ObjectNode body, JsonNode think) {
    if (!think.isString()) {
      body.set("think", think);
      return;
    }
    body.put(
        "think",
        switch (think.stringValue()) {
          case "minimal" -> "low";
          case "xhigh" -> "high";
          default -> think.stringValue();
        });
  }

  private static void sampling(ObjectNode body, Sampling sampling) {
    ObjectNode options = Json.object();
    new TreeMap<>(sampling.options()).forEach(options::set);
    sampling.maxTokens().ifPresent(value -> options.put("num_predict", value));
    sampling.temperature().ifPresent(value -> options.put("temperature", value));
    sampling.topP().ifPresent(value -> options.put("top_p", value));
    sampling.topK().ifPresent(value -> options.put("top_k", value));
    sampling.minP().ifPresent(value -> options.put("min_p", value));
    sampling.seed().ifPresent(value -> options.put("seed", value));
    sampling.presencePenalty().ifPresent(value -> options.put("presence_penalty", value));
    sampling.frequencyPenalty().ifPresent(value -> options.put("frequency_penalty", value));
    sampling.repeatPenalty().ifPresent(value -> options.put("repeat_penalty", value));
    if (!sampling.stop().isEmpty()) {
      ArrayNode stop = options.putArray("stop");
      sampling.stop().forEach(stop::add);
    }
    if (!options.isEmpty()) {
      body.set("options", options);
    }
    sampling
        .logprobs()
        .ifPresent(top -> {
          body.put("logprobs", true);
          if (top > 0) {
            body.put("top_logprobs", top);
          }
        });
  }

  private static ObjectNode generate(Work.Completion completion, String model) {
    ObjectNode body = begin(completion, model).put("stream", true);
    body.put("prompt", completion.prompt());
    completion.suffix().ifPresent(suffix -> body.put("suffix", suffix));
    completion.system().ifPresent(system -> body.put("system", system));
    if (completion.raw()) {
      body.put("raw", true);
    }
    strings(body, "images", completion.images());
    sampling(body, completion.sampling());
    completion.format().ifPresent(format -> body.set("format", format));
    completion.think().ifPresent(think -> think(body, think));
    completion.keepAlive().ifPresent(keepAlive -> body.set("keep_alive", keepAlive));
    return body;
  }

  private static void strings(ObjectNode body, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = body.putArray(name);
      values.forEach(array::add);
    }
  }

  private static ObjectNode embed(Work.Embedding embedding, String model) {
    ObjectNode body = begin(embedding, model);
    ArrayNode input = body.putArray("input");
    embedding.inputs().forEach(input::add);
    embedding.truncate().ifPresent(truncate -> body.put("truncate", truncate));
    embedding.dimensions().ifPresent(dimensions -> body.put("dimensions", dimensions));
    embedding.keepAlive().ifPresent(keepAlive -> body.set("keep_alive", keepAlive));
    return body;
  }

  private static ObjectNode residency(Work.Residency residency, String model) {
    ObjectNode body = Json.object().put("model", model).put("stream", false);
    if (residency.chat()) {
      body.putArray("messages");
    }
    if (!residency.options().isEmpty()) {
      ObjectNode options = body.putObject("options");
      new TreeMap<>(residency.options()).forEach(options::set);
    }
    residency.keepAlive().ifPresent(keepAlive -> body.set("keep_alive", keepAlive));
    return body;
  }
}
